import { formatValue } from '@netsonde/metrics';
import type { Agent } from '@netsonde/protocol/api';
import { Ago } from '../../components/ago.tsx';
import { Coverage } from '../../components/coverage.tsx';
import { Stat, Stats } from '../../components/stat.tsx';

/** How well the agent works: coverage, clock, records that wait to be sent. */
export function AgentFigures({ agent }: { readonly agent: Agent }) {
  return (
    <Stats>
      <Stat label="Coverage, 24 h" value={<Coverage pct={agent.coveragePct} />} note="stored of the expected runs" />
      <Stat
        label="Checks"
        value={agent.assignment.checks}
        note={agent.assignment.inStep ? 'runs what it was given' : 'not in step with the server yet'}
      />
      <Stat label="Clock offset" value={clockOffset(agent)} note={<ClockNote agent={agent} />} />
      <Stat
        label="Waiting to be sent"
        value={agent.spool === null ? 'not known' : formatValue(agent.spool.records)}
        note={agent.spool && <SpoolNote spool={agent.spool} />}
      />
      <Stat
        label="Own delay, p99"
        value={agent.loopDelayP99Ms === null ? 'not known' : formatValue(agent.loopDelayP99Ms, 'ms')}
        note="how late its own timers were"
      />
    </Stats>
  );
}

const clockOffset = ({ clockOffsetMs }: Agent): string =>
  clockOffsetMs === null
    ? 'not measured'
    : `${clockOffsetMs > 0 ? '+' : ''}${formatValue(Math.round(clockOffsetMs), 'ms')}`;

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
      {formatValue(spool.bytes, 'bytes')}
      {spool.oldestAt !== null && (
        <>
          , oldest <Ago at={spool.oldestAt} />
        </>
      )}
      {`, ${formatValue(spool.dropped)} dropped`}
    </>
  );
}
