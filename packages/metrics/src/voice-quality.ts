import { CODECS, type CodecId } from './codecs.ts';
import { type EModelRating, rateTransmission } from './e-model.ts';

/** Assumptions about a voice call over the measured path; each is named in the result. */
export interface VoiceAssumptions {
  readonly codec: CodecId;
  /**
   * Nominal size of the receiver's jitter buffer, ms, 0 or more. It adds delay. Packets that arrive too late for it
   * are NOT estimated: only lost packets count as lost.
   */
  readonly jitterBufferMs: number;
}

/** The measurements of the path. */
export interface VoicePath {
  /** Round-trip time, ms, 0 or more: the mean of the run. */
  readonly rttMs: number;
  /** Packet loss, percent, 0 to 100. From echoes this is the loss of both directions together. */
  readonly lossPct: number;
  /** Burst ratio of the loss; 1, random loss, when not given. */
  readonly burstRatio?: number;
}

/**
 * Assumed one-way delay of a round trip, ms: half of it. True only for a path that is equally fast in both directions,
 * which a round trip cannot show.
 */
export function assumedOneWayDelayMs(rttMs: number): number {
  if (!(rttMs >= 0 && Number.isFinite(rttMs))) throw new RangeError(`rttMs must be 0 or more, got ${rttMs}`);
  return rttMs / 2;
}

/**
 * R-factor and MOS that a call over this path would have. The delay from mouth to ear is taken as half the RTT, one
 * packet of speech and the jitter buffer; the codec's look-ahead and the processing of the telephones (commonly below
 * 10 ms together) are not added. Echo control and telephones are those of the E-model's defaults. A run in which
 * everything was lost has no RTT and so no rating: do not call this, report the metrics as absent.
 *
 * Source: ITU-T G.107, with T = Ta and Tr = 2 T for an echo path that follows the voice path.
 * @throws RangeError naming the value that is out of range.
 */
export function voiceQuality(path: VoicePath, assumed: VoiceAssumptions): EModelRating {
  const { jitterBufferMs } = assumed;
  if (!(jitterBufferMs >= 0 && Number.isFinite(jitterBufferMs))) {
    throw new RangeError(`jitterBufferMs must be 0 or more, got ${jitterBufferMs}`);
  }
  const codec = CODECS[assumed.codec];
  const delayMs = assumedOneWayDelayMs(path.rttMs) + codec.packetMs + jitterBufferMs;
  return rateTransmission({
    meanOneWayDelayMs: delayMs,
    roundTripDelayMs: 2 * delayMs,
    absoluteDelayMs: delayMs,
    ie: codec.ie,
    bpl: codec.bpl,
    packetLossPct: path.lossPct,
    burstRatio: path.burstRatio ?? 1,
  });
}
