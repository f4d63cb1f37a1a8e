import type { ListeningAgent } from '@netsonde/protocol/api';
import type { FleetParts } from '../ports.ts';
import { AgentDialer, type AgentDialerParts } from './agent-dialer.ts';
import { type AgentPlace, parseAgentPlace } from './agent-place.ts';

/** One listening agent, as this server keeps it. */
interface Entry {
  readonly id: number;
  readonly url: string;
  readonly addedAt: number;
  agent: number | null;
  lastError: string | null;
  lastErrorAt: number | null;
  dialer: AgentDialer | null;
}

/** What the list needs from the fleet. */
export interface ListeningParts extends Pick<FleetParts, 'db' | 'now' | 'log' | 'longestDialWaitMs'> {
  readonly fingerprints: AgentDialerParts['fingerprints'];
  readonly accept: AgentDialerParts['accept'];
}

/** Most agents dialled at the same time. */
const MOST = 1000;

/** Listening agents. The server dials only addresses that an administrator entered. */
export class ListeningAgents {
  readonly #parts: ListeningParts;
  readonly #entries = new Map<number, Entry>();
  #closed = false;

  constructor(parts: ListeningParts) {
    this.#parts = parts;
  }

  /** Begins to dial all stored addresses. */
  async open(): Promise<void> {
    const rows = await this.#parts.db.selectFrom('listening_agent').selectAll().orderBy('id').execute();
    for (const row of rows)
      this.#begin({
        id: row.id,
        url: row.url,
        addedAt: row.added_at,
        agent: row.agent_id,
        lastError: row.last_error,
        lastErrorAt: row.last_error_at,
        dialer: null,
      });
  }

  list(): readonly ListeningAgent[] {
    return [...this.#entries.values()].map(viewOf);
  }

  /** The address at which an agent answered last. undefined: it is not dialled. */
  ofAgent(agent: number): ListeningAgent | undefined {
    const entries = [...this.#entries.values()].filter((entry) => entry.agent === agent);
    const entry = entries.find(({ dialer }) => dialer?.state === 'connected') ?? entries[0];
    return entry === undefined ? undefined : viewOf(entry);
  }

  /** Stores an address and begins to dial it. null: it is stored already. @throws Error that says what to write */
  async add(text: string): Promise<ListeningAgent | null> {
    const { url } = parseAgentPlace(text);
    if (this.#entries.size >= MOST) throw new Error(`is one too many: this server dials ${MOST} agents at most`);
    const addedAt = this.#parts.now();
    const row = await this.#parts.db
      .insertInto('listening_agent')
      .values({ url, agent_id: null, added_at: addedAt, last_error: null, last_error_at: null })
      .onConflict((conflict) => conflict.column('url').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (row === undefined) return null;
    const entry = { id: row.id, url, addedAt, agent: null, lastError: null, lastErrorAt: null, dialer: null };
    this.#begin(entry);
    return viewOf(entry);
  }

  /** Deletes an address, stops dialling it and ends an open session. false: there is no such address. */
  async remove(id: number): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    await this.#parts.db.deleteFrom('listening_agent').where('id', '=', id).execute();
    await entry.dialer?.close();
    return true;
  }

  /** Stops dialling a revoked agent. */
  async forget(agent: number): Promise<void> {
    for (const { id } of [...this.#entries.values()].filter((entry) => entry.agent === agent)) await this.remove(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#entries.values()].map(({ dialer }) => dialer?.close()));
  }

  #begin(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    let place: AgentPlace;
    try {
      place = parseAgentPlace(entry.url);
    } catch (error) {
      this.#failed(entry, `the address ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    if (this.#closed) return;
    const { fingerprints, accept, longestDialWaitMs: longestWaitMs } = this.#parts;
    entry.dialer = new AgentDialer({
      place,
      fingerprints,
      accept,
      entered: (agent) => this.#entered(entry, agent),
      failed: (why) => this.#failed(entry, why),
      random: Math.random,
      longestWaitMs,
    });
  }

  #entered(entry: Entry, agent: number): void {
    if (entry.agent === agent) return;
    entry.agent = agent;
    this.#note(entry, { agent_id: agent });
  }

  /** Stores and logs a repeated failure only once. */
  #failed(entry: Entry, why: string): void {
    const isNew = entry.lastError !== why;
    entry.lastError = why;
    entry.lastErrorAt = this.#parts.now();
    if (!isNew) return;
    this.#parts.log.warn(`listening agent ${entry.id}: ${why}`);
    this.#note(entry, { last_error: why, last_error_at: entry.lastErrorAt });
  }

  #note(
    { id }: Entry,
    change: { readonly agent_id: number } | { readonly last_error: string; readonly last_error_at: number },
  ): void {
    const { db, log } = this.#parts;
    db.updateTable('listening_agent')
      .set(change)
      .where('id', '=', id)
      .execute()
      .catch((error: unknown) => log.error(`listening agent ${id}: ${String(error)}`));
  }
}

function viewOf({ id, url, addedAt, agent, lastError, lastErrorAt, dialer }: Entry): ListeningAgent {
  return {
    id,
    url,
    agent,
    state: dialer?.state ?? 'waiting',
    addedAt: new Date(addedAt).toISOString(),
    lastError,
    lastErrorAt: lastErrorAt === null ? null : new Date(lastErrorAt).toISOString(),
  };
}
