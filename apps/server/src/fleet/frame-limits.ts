import { type AgentMessage, MAX_FRAME_BYTES } from '@netsonde/protocol';
import { badMessage } from './rejection.ts';

/** Frames of one kind: the largest, bytes; how many a second in the long run; how many at once. */
interface Limit {
  readonly bytes: number;
  readonly perS: number;
  readonly burst: number;
}

/** A message's type; `newer` for all those that only later versions know. */
type FrameType = AgentMessage['type'] | 'newer';
type Limits = Readonly<Partial<Record<FrameType, Limit>>>;

/** Well above what an agent sends: a status and a `time` a heartbeat, ten lines of progress a second, all its drops at once. */
const LIMITS: Limits = Object.freeze({
  drops: { bytes: MAX_FRAME_BYTES, perS: 500, burst: 20_000 },
  status: { bytes: 32 * 1024, perS: 10, burst: 200 },
  progress: { bytes: 4 * 1024, perS: 100, burst: 1000 },
  time: { bytes: 512, perS: 10, burst: 200 },
  bye: { bytes: 2048, perS: 1, burst: 1 },
});
const OTHERS: Limit = Object.freeze({ bytes: MAX_FRAME_BYTES, perS: 20, burst: 1000 });

/** A frame before the welcome: a greeting, or a proof with what the agent says of its host. */
export const MAX_HANDSHAKE_FRAME_BYTES = 32 * 1024;

/** Keeps one session's frames that need no credits within bounds. */
export class FrameLimits {
  readonly #limits: Limits;
  readonly #monotonicMs: () => number;
  readonly #left = new Map<FrameType, { frames: number; atMs: number }>();

  constructor(monotonicMs: () => number, limits: Limits = LIMITS) {
    this.#monotonicMs = monotonicMs;
    this.#limits = limits;
  }

  /** @throws SessionRejection for a frame that is too large, or one too many. */
  take(type: FrameType, bytes: number): void {
    const limit = this.#limits[type] ?? OTHERS;
    if (bytes > limit.bytes) throw badMessage(`a "${type}" frame of ${bytes} bytes came: ${limit.bytes} at most`);
    const nowMs = this.#monotonicMs();
    const { frames, atMs } = this.#left.get(type) ?? { frames: limit.burst, atMs: nowMs };
    const left = Math.min(limit.burst, frames + ((nowMs - atMs) * limit.perS) / 1000);
    if (left < 1)
      throw badMessage(`"${type}" frames came too fast: ${limit.perS} a second and ${limit.burst} at once at most`);
    this.#left.set(type, { frames: left - 1, atMs: nowMs });
  }
}
