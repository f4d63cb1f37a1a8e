import { formatValue } from '@netsonde/metrics';
import type { ProbeInfo, Result } from '@netsonde/protocol/api';

interface Props {
  readonly result: Result;
  readonly probe: ProbeInfo | undefined;
}

/** Values that the run measured several times, in the order of sending. Lost ones are marked. */
export function ResultSamples({ result: { samples = {} }, probe }: Props) {
  return Object.entries(samples).map(([id, values]) => {
    const declared = probe?.samples.find((sample) => sample.id === id);
    const unit = declared?.unit ?? undefined;
    return (
      <div key={id}>
        <h2>{declared?.label ?? id}</h2>
        <p className="muted small">{declared?.description}</p>
        <p style={{ overflowWrap: 'anywhere' }}>
          {values.map((value) => (value === null ? 'lost' : formatValue(value, unit))).join(', ')}
        </p>
      </div>
    );
  });
}
