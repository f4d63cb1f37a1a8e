import { formatValue } from '@netsonde/metrics';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '../../api/api-error.ts';
import type { Preview } from '../../api/preview.ts';
import { Facts } from '../../components/facts.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import classes from './test-form.module.css';
import type { PreviewAnswer } from './use-preview.ts';

const NAMED_AGENTS = 5;

interface Props extends PreviewAnswer {
  /** Errors that the form itself finds. */
  readonly wrong: readonly string[];
  /** What the form calls a field of the API. */
  readonly labelOf: (path: string) => string;
}

/** The effect of the test once it is saved: its agents, its load, and warnings. */
export function PreviewPanel({ preview, pending, error, wrong, labelOf }: Props) {
  return (
    <Panel title="Before you save" note="Calculated by the server from the fields above">
      <div className={classes.preview} aria-live="polite" aria-busy={pending}>
        {wrong.length > 0 ? (
          <Wrong sentences={wrong} />
        ) : refusedAtFields(error) ? (
          <p className="muted">Correct the marked fields first.</p>
        ) : error !== null ? (
          <ProblemNotice error={error} labelOf={labelOf} />
        ) : preview === undefined ? (
          <p className="muted">{pending ? 'Asking the server…' : 'Write a target to see its load on the network.'}</p>
        ) : (
          <Summary preview={preview} />
        )}
      </div>
    </Panel>
  );
}

/** Shown here too, since the form marks fields only after an attempt to save. */
function Wrong({ sentences }: { readonly sentences: readonly string[] }) {
  return (
    <>
      <p className="muted">Correct this to see the load on the network:</p>
      <p className={classes.lines}>{sentences.join('\n')}</p>
    </>
  );
}

/** A refusal that names fields is shown at those fields. */
const refusedAtFields = (error: unknown): boolean => error instanceof ApiError && error.fields.length > 0;

function Summary({ preview: { agents, warnings, perHour, typicalPerHour } }: { readonly preview: Preview }) {
  return (
    <>
      <Facts
        facts={[
          ['Runs on', agentWords(agents)],
          ['Each agent, per hour', loadWords(perHour, typicalPerHour, 1)],
          ...(agents.length > 1
            ? [[`All ${agents.length} agents, per hour`, loadWords(perHour, typicalPerHour, agents.length)] as const]
            : []),
        ]}
      />
      {warnings.length > 0 && (
        <ul className={`plain-list ${classes.warnings}`}>
          {warnings.map((warning) => (
            <li key={warning}>
              <IconAlertTriangle size={17} aria-hidden />
              <span>{warning}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function loadWords(
  { runs, packets, bytes }: Preview['perHour'],
  typical: Preview['typicalPerHour'],
  agents: number,
): string {
  const whole = (count: number) => formatValue(Math.ceil(count * agents));
  const most = `${whole(runs)} runs, at most ${whole(packets)} packets and ${formatValue(bytes * agents, 'bytes')}`;
  if (typical.from === 'declared' && typical.bytes === bytes) return most;
  const source = typical.from === 'results' ? 'as in recent results' : 'with pages of ordinary size';
  return `${most}; typically ${formatValue(typical.bytes * agents, 'bytes')}, ${source}`;
}

function agentWords(agents: Preview['agents']): string {
  if (agents.length === 0) return 'no agent now';
  const names = agents.slice(0, NAMED_AGENTS).map(({ name, online }) => (online ? name : `${name} (offline)`));
  const more = agents.length - names.length;
  return more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
}
