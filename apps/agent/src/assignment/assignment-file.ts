import { existsSync, readFileSync } from 'node:fs';
import { type SentCheck, sentCheckSchema } from '@netsonde/protocol';
import { z } from 'zod';
import { writeDurably } from '../files/write-durably.ts';

/** The agent's assignment, with the id that its phases are computed from. */
export interface KeptAssignment {
  readonly agentId: number;
  readonly revision: number;
  /** As the server sent them, invalid ones included. */
  readonly checks: readonly SentCheck[];
}

const fileSchema = z.object({ agentId: z.int().positive(), revision: z.int(), checks: z.array(sentCheckSchema) });

/** Reads the stored assignment; null where there is none. @throws Error where the file is damaged. */
export function readAssignment(path: string): KeptAssignment | null {
  if (!existsSync(path)) return null;
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** Stores the assignment durably, so that the agent resumes it after a restart without its server. */
export function keepAssignment(path: string, agentId: number, revision: number, checks: readonly SentCheck[]): void {
  writeDurably(path, JSON.stringify({ agentId, revision, checks }));
}
