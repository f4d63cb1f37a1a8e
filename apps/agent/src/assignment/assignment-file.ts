import { existsSync, readFileSync } from 'node:fs';
import { type SentCheck, sentCheckSchema } from '@netsonde/protocol';
import { z } from 'zod';
import { writeDurably } from '../files/write-durably.ts';

/** What the agent has to do, with the id that its phases are computed from. */
export interface KeptAssignment {
  readonly agentId: number;
  readonly revision: number;
  /** As they were sent, wrong ones too. */
  readonly checks: readonly SentCheck[];
}

const fileSchema = z.object({ agentId: z.int().positive(), revision: z.int(), checks: z.array(sentCheckSchema) });

/** The assignment as it was kept; null where there is none. @throws Error where the file is damaged. */
export function readAssignment(path: string): KeptAssignment | null {
  if (!existsSync(path)) return null;
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** Keeps the assignment durably, so that the agent goes on with it after a restart without its server. */
export function keepAssignment(path: string, agentId: number, revision: number, checks: readonly SentCheck[]): void {
  writeDurably(path, JSON.stringify({ agentId, revision, checks }));
}
