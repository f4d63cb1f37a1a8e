import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ClockLines } from './clock-lines.ts';
import { Cursors } from './cursors.ts';
import { DropLedger } from './drop-ledger.ts';
import { ImageFile } from './image-file.ts';
import { listSegments } from './segment-files.ts';

const DROPS_HALF_BYTES = 512 * 1024;
const CURSORS_HALF_BYTES = 256 * 1024;

/** The small files beside the segments. Their space is allocated when the folder is made. */
export interface SpoolState {
  /** Milliseconds since 1970 at this start, or one more than the previous epoch. It is never used twice. */
  readonly epoch: number;
  /** When the spool last recorded that the agent was alive, epoch ms; null at the first start. */
  readonly lastAliveMs: number | null;
  readonly cursors: Cursors;
  readonly drops: DropLedger;
  readonly lines: ClockLines;
  saveCursors(): void;
  /** Records that the agent is alive now. The record survives the process, not a power cut. */
  markAlive(nowMs: number): void;
  close(): void;
}

/** Opens the small files and starts a new epoch, durably. @throws where the folder cannot be written. */
export function openState(folder: string, nowMs: number): SpoolState {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const epochFile = new ImageFile(join(folder, 'epoch'), 512);
  const cursorFile = new ImageFile(join(folder, 'cursors'), CURSORS_HALF_BYTES);
  const lines = new ClockLines(folder);
  const dropFile = new ImageFile(join(folder, 'drops'), DROPS_HALF_BYTES);
  const epoch = nextEpoch(folder, epochFile, nowMs);
  const cursors = Cursors.decode(cursorFile.payload);
  const drops = new DropLedger(dropFile);
  for (const [check, target, to] of drops.instants()) cursors.advance(check, target, to);
  const alive = openAlive(join(folder, 'alive'));
  return {
    epoch,
    lastAliveMs: alive.lastMs,
    cursors,
    drops,
    lines,
    saveCursors: () => cursorFile.write(cursors.encode()),
    markAlive: alive.mark,
    close() {
      alive.close();
      for (const file of [epochFile, cursorFile, dropFile, lines]) file.close();
    },
  };
}

function nextEpoch(folder: string, file: ImageFile, nowMs: number): number {
  const stored = file.payload === null ? 0 : file.payload.readDoubleLE(0);
  const used = Math.max(stored, ...listSegments(folder).map(({ epoch }) => epoch), 0);
  const epoch = Math.max(used + 1, Math.floor(nowMs));
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(epoch);
  file.write(bytes);
  return epoch;
}

/** When a spool last recorded that its agent was alive, epoch ms. null: never. */
export function lastAliveIn(folder: string): number | null {
  try {
    return lastIn(readFileSync(join(folder, 'alive')));
  } catch {
    return null;
  }
}

function lastIn(bytes: Buffer): number | null {
  const last = bytes.length >= 8 ? bytes.readDoubleLE(0) : 0;
  return Number.isFinite(last) && last > 0 ? last : null;
}

function openAlive(path: string): { lastMs: number | null; mark: (nowMs: number) => void; close: () => void } {
  if (!existsSync(path)) writeFileSync(path, Buffer.alloc(8), { mode: 0o600 });
  const bytes = readFileSync(path);
  const lastMs = lastIn(bytes);
  const fd = openSync(path, 'r+');
  const now = Buffer.alloc(8);
  return {
    lastMs,
    mark(nowMs) {
      now.writeDoubleLE(nowMs);
      writeSync(fd, now, 0, 8, 0);
    },
    close: () => closeSync(fd),
  };
}
