import {
  type AgentMessage,
  agentMessageSchema,
  issueWords,
  newerType,
  wrongFields,
  wrongInWords,
} from '@netsonde/protocol';
import { badMessage } from './rejection.ts';

const RECORDS = /^\{"type":"records","kind":"(live|backlog)","epoch":(\d{1,16}),/;
const DROPS = /^\{"type":"drops","epoch":(\d{1,16}),/;

/** A frame for the store, recognised by its first bytes. Only the store's own thread parses it. */
export interface StoreFrame {
  readonly kind: 'live' | 'backlog' | 'drops';
  readonly epoch: number;
}

/** The kind of store frame. null: a message to parse in this thread. */
export function storeFrame(frame: Buffer): StoreFrame | null {
  const head = frame.toString('latin1', 0, 96);
  const records = RECORDS.exec(head);
  if (records !== null) return { kind: records[1] === 'live' ? 'live' : 'backlog', epoch: Number(records[2]) };
  const drops = DROPS.exec(head);
  return drops === null ? null : { kind: 'drops', epoch: Number(drops[1]) };
}

/**
 * Parses a message of an agent. null: only newer versions know its type. @throws SessionRejection that names the field.
 */
export function readAgentMessage(frame: Buffer): AgentMessage | null {
  let json: unknown;
  try {
    json = JSON.parse(frame.toString('utf8'));
  } catch {
    throw badMessage('it is not JSON');
  }
  if (newerType(json, 'agent') !== null) return null;
  const message = agentMessageSchema.safeParse(json, { error: issueWords });
  if (!message.success) throw badMessage(wrongInWords(wrongFields(message.error)).slice(0, 400));
  return message.data;
}
