import type { MetricValue } from '../contract/metric.ts';
import type { AbsenceReason } from '../contract/verdict.ts';
import type { Figures } from '../figures/rtt-metrics.ts';
import type { Absent, ConnectionState } from './observation.ts';

/**
 * Metrics from the kernel's data on a connection. It converts segments to bytes by the connection's own segment size.
 */
export function stateFigures(state: ConnectionState): Figures {
  const mss = state.mssBytes;
  const inBytes = (segments: number | Absent): number | Absent => {
    if (typeof segments !== 'number') return segments;
    return typeof mss === 'number' ? segments * mss : mss;
  };
  const scale = state.windowScale;
  return parted({
    syn_retransmits: state.synRetransmits,
    mss_bytes: mss,
    path_mtu_bytes: state.pathMtuBytes,
    window_scale_send: 'absent' in scale ? scale : scale.send,
    window_scale_receive: 'absent' in scale ? scale : scale.receive,
    cwnd_bytes: inBytes(state.cwndSegments),
    ssthresh_bytes: inBytes(state.ssthreshSegments),
    srtt_ms: toMs(state.srttUs),
    rttvar_ms: toMs(state.rttvarUs),
    sack: state.sack,
    timestamps: state.timestamps,
    ecn_negotiated: state.ecn,
    congestion_algorithm: state.congestionAlgorithm,
  });
}

const toMs = (us: number | Absent): number | Absent => (typeof us === 'number' ? us / 1000 : us);

/** Separates values from absences. */
function parted(entries: Readonly<Record<string, MetricValue | Absent>>): Figures {
  const metrics: Record<string, MetricValue> = {};
  const absent: Record<string, AbsenceReason> = {};
  for (const [id, entry] of Object.entries(entries)) {
    if (typeof entry === 'object') absent[id] = entry.absent;
    else metrics[id] = entry;
  }
  return { metrics, absent };
}
