import { formatValue } from '@netsonde/metrics';
import type { Agent } from '@netsonde/protocol/api';
import type { ReactNode } from 'react';
import { Ago } from '../../components/ago.tsx';
import { Coverage } from '../../components/coverage.tsx';
import { Stat, Stats } from '../../components/stat.tsx';

/** How well the agent works: coverage, clock, records that wait to be sent. */
export function AgentFigures({ agent }: { readonly agent: Agent }) {
  const { presence, spool, loopDelayP99Ms } = agent;
  const asOf = presence.state === 'online' ? null : agent.lastSeenAt;
  return (
    <Stats>
      <Stat label="Coverage, 24 h" value={<Coverage pct={agent.coveragePct} />} note="stored of the expected runs" />
      <Stat
        label="Checks"
        value={agent.assignment.checks}
        note={<Dated note={stepWords(agent)} asOf={agent.assignment.inStep ? asOf : null} />}
      />
      <Stat
        label="Clock offset"
        value={clockOffset(agent)}
        note={<Dated note={<ClockNote agent={agent} />} asOf={isClockUndated(agent) ? asOf : null} />}
      />
      <Stat
        label="Waiting to be sent"
        value={spool === null ? 'not known' : formatValue(spool.records)}
        note={spool && <Dated note={<SpoolNote spool={spool} />} asOf={asOf} />}
      />
      <Stat
        label="Own delay, p99"
        value={loopDelayP99Ms === null ? 'not known' : formatValue(loopDelayP99Ms, 'ms')}
        note={<Dated note="how late its own timers were" asOf={loopDelayP99Ms === null ? null : asOf} />}
      />
    </Stats>
  );
}

/** What the agent reported, and how old that is where it is not heard now. */
function Dated({ note, asOf }: { readonly note: ReactNode; readonly asOf: string | null }) {
  if (asOf === null) return note;
  return (
    <>
      As of <Ago at={asOf} />: {note}
    </>
  );
}

function stepWords({ assignment, presence }: Agent): string {
  if (assignment.inStep) return 'runs what it was given';
  return presence.state === 'online' ? 'not in step with the server yet' : 'not heard whether it runs them';
}

const clockOffset = ({ clockOffsetMs }: Agent): string =>
  clockOffsetMs === null
    ? 'not measured'
    : `${clockOffsetMs > 0 ? '+' : ''}${formatValue(Math.round(clockOffsetMs), 'ms')}`;

/** Offsets of sessions before the server's start do not say when they were measured. */
const isClockUndated = ({ clockOffsetMs, clockMeasuredAt }: Agent): boolean =>
  clockOffsetMs !== null && clockMeasuredAt === null;

/** The offset is shown in whole ms: its bound includes the rounding. */
const ROUNDING_MS = 0.5;

/** The bound is that of the measurement: what software slewed the clock by since is not known. */
function ClockNote({ agent: { clockErrorMs, clockMeasuredAt } }: { readonly agent: Agent }) {
  if (clockErrorMs === null) return <>against the server's clock</>;
  return (
    <>
      ± {formatValue(Math.ceil(clockErrorMs + ROUNDING_MS), 'ms')}, against the server's clock
      {clockMeasuredAt !== null && (
        <>
          , <Ago at={clockMeasuredAt} />
        </>
      )}
    </>
  );
}

function SpoolNote({ spool }: { readonly spool: NonNullable<Agent['spool']> }) {
  return (
    <>
      {spool.records === 0 ? 'all is sent' : `${formatValue(spool.bytes, 'bytes')} on its disk`}
      {spool.oldestAt !== null && (
        <>
          , oldest <Ago at={spool.oldestAt} />
        </>
      )}
      {`, ${formatValue(spool.dropped)} dropped`}
    </>
  );
}
