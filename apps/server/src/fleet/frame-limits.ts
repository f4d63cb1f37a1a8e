import { type AgentMessage, MAX_FRAME_BYTES } from '@netsonde/protocol';
import { badMessage } from './rejection.ts';

/** Limits for frames of one kind: largest size in bytes, sustained frames per second, and burst. */
interface Limit {
  readonly bytes: number;
  readonly perS: number;
  readonly burst: number;
}

/** A message's type. `newer` stands for all types that only later versions know. */
type FrameType = AgentMessage['type'] | 'newer';
type Limits = Readonly<Partial<Record<FrameType, Limit>>>;

/** Well above what an agent sends: one status and `time` per heartbeat, ten progress lines a second, all drops at once. */
const LIMITS: Limits = Object.freeze({
  drops: { bytes: MAX_FRAME_BYTES, perS: 500, burst: 20_000 },
  status: { bytes: 32 * 1024, perS: 10, burst: 200 },
  progress: { bytes: 4 * 1024, perS: 100, burst: 1000 },
  time: { bytes: 512, perS: 10, burst: 200 },
  bye: { bytes: 2048, perS: 1, burst: 1 },
});
const OTHERS: Limit = Object.freeze({ bytes: MAX_FRAME_BYTES, perS: 20, burst: 1000 });

/** Largest frame before the welcome, bytes: a greeting, or a proof with the agent's description of its host. */
export const MAX_HANDSHAKE_FRAME_BYTES = 32 * 1024;

/** Rate-limits one session's frames that need no credits. */
export class FrameLimits {
  readonly #limits: Limits;
  readonly #monotonicMs: () => number;
  readonly #left = new Map<FrameType, { frames: number; atMs: number }>();

  constructor(monotonicMs: () => number, limits: Limits = LIMITS) {
    this.#monotonicMs = monotonicMs;
    this.#limits = limits;
  }

  /** @throws SessionRejection for a frame that is too large or exceeds the rate. */
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
