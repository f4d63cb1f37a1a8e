import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ImageFile } from '../spool/image-file.ts';
import type { BudgetLimits } from './budget-limits.ts';
import { ByteWindow, type KeptWindow } from './byte-window.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const HALF_BYTES = 512;

const windowSchema = z.object({ window: z.int().nonnegative(), bytes: z.number().nonnegative() }).nullable();
const keptSchema = z.object({ hour: windowSchema, day: windowSchema });
type Kept = z.infer<typeof keptSchema>;

/** The owner's byte limits, counted in a file with preallocated space: a full disk cannot reset them. */
export class ByteBudget {
  readonly #file: ImageFile;
  readonly #hour: ByteWindow | null;
  readonly #day: ByteWindow | null;

  /** @throws Error where the file cannot be made. */
  constructor(path: string, { bytesPerHour, bytesPerDay }: BudgetLimits, nowMs: number) {
    const fresh = !existsSync(path) || readFileSync(path).every((byte) => byte === 0);
    this.#file = new ImageFile(path, HALF_BYTES);
    const kept = fresh ? { hour: null, day: null } : readKept(this.#file.payload);
    const windowOf = (limit: number | null, lengthMs: number, name: string, found: KeptWindow | null | undefined) => {
      if (limit === null) return null;
      // A counter that cannot be read may have recorded that everything was spent.
      const all = { window: Math.floor(nowMs / lengthMs), bytes: limit };
      return new ByteWindow(limit, lengthMs, name, found === undefined ? all : found);
    };
    this.#hour = windowOf(bytesPerHour, HOUR_MS, 'hour', kept?.hour);
    this.#day = windowOf(bytesPerDay, DAY_MS, 'day', kept?.day);
  }

  /** Returns null where this many bytes may be spent. Otherwise returns why not. */
  refusal(bytes: number, nowMs: number): string | null {
    return this.#hour?.refusal(bytes, nowMs) ?? this.#day?.refusal(bytes, nowMs) ?? null;
  }

  /** Counts the bytes; seldom writes to the disk. @throws the kernel's error: then the bytes must not be spent. */
  spend(bytes: number): void {
    const windows = [this.#hour, this.#day].filter((window) => window !== null);
    if (windows.map((window) => window.takeAhead(bytes)).includes(true)) {
      this.#save();
      for (const window of windows) window.confirm();
    }
    for (const window of windows) window.spend(bytes);
  }

  /** Refunds what was reserved ahead and not spent. */
  close(): void {
    this.#hour?.settle();
    this.#day?.settle();
    try {
      this.#save();
    } finally {
      this.#file.close();
    }
  }

  #save(): void {
    const kept: Kept = { hour: this.#hour?.kept ?? null, day: this.#day?.kept ?? null };
    this.#file.write(Buffer.from(JSON.stringify(kept)));
  }
}

/** undefined where it is damaged. */
function readKept(payload: Buffer | null): Kept | undefined {
  if (payload === null) return undefined;
  try {
    return keptSchema.parse(JSON.parse(payload.toString('utf8')));
  } catch {
    return undefined;
  }
}
