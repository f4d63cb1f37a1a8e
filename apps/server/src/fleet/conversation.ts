import type { BoundedOffset } from '@netsonde/metrics';
import type { AgentMessage, ServerMessage } from '@netsonde/protocol';
import type { AgentRow } from './agent-row.ts';
import { AssignmentTalk } from './assignment-talk.ts';
import type { Challenged } from './handshake.ts';
import { KeyTalk } from './key-talk.ts';
import type { FleetParts } from './ports.ts';
import type { StoreFrame } from './read-agent-message.ts';
import { badMessage } from './rejection.ts';
import type { ServerKeys } from './server-key.ts';
import type { SessionClock } from './session-clock.ts';

export type Status = Extract<AgentMessage, { type: 'status' }>;

/** The session of a conversation. */
export interface ConversationHost {
  readonly fleet: FleetParts;
  readonly keys: ServerKeys;
  readonly clock: SessionClock;
  /** Where the agent connects from. */
  readonly address: string;
  readonly send: (message: ServerMessage) => void;
  readonly store: (frame: Buffer, what: StoreFrame) => void;
  readonly hangUp: () => void;
  /** Records that the agent was heard from now. @param clock null: no new clock measurement */
  readonly seen: (clock: BoundedOffset | null) => void;
  /** Ends the session with this fault. */
  readonly failed: (error: unknown) => void;
}

/** The messages of agent and server between the welcome and the end of a session. */
export class Conversation {
  readonly agent: AgentRow;
  readonly work: AssignmentTalk;
  readonly keys: KeyTalk;
  readonly #host: ConversationHost;
  #status: Status | null = null;
  #aheadMs = 0;

  /** @param running hash of the assignment that the agent ran when it connected. null: none. */
  constructor(host: ConversationHost, agent: AgentRow, { transcript, pins }: Challenged, running: string | null) {
    const { fleet, keys, send } = host;
    const { id } = agent;
    this.#host = host;
    this.agent = agent;
    const { log, planning } = fleet;
    const who = `agent ${id} (${agent.name})`;
    const warn = (message: string) => log.warn(`${who} ${message}`);
    const debug = log.debug && ((message: string) => log.debug?.(`${who} ${message}`));
    this.work = new AssignmentTalk({ agent: id, running, planning, send, warn, debug });
    this.keys = new KeyTalk({ fleet, keys, agent: id, transcript, pins, send });
  }

  /** The agent's last status. null: none received yet. */
  get status(): Status | null {
    return this.#status;
  }

  /**
   * How far the agent's clock is ahead of the server's by its last message, ms. 0: it is behind, or unknown. The delay of
   * the message makes the value too low.
   */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** @throws SessionRejection for a message that is not allowed in this state */
  take(message: AgentMessage, frame: Buffer): void {
    const { fleet, store, failed } = this.#host;
    const agent = this.agent.id;
    switch (message.type) {
      case 'assigned':
        this.work.answered(message.revision, message.hash);
        fleet.planning.agentRefuses(agent, message.refused);
        return;
      case 'records':
        store(frame, { kind: message.kind, epoch: message.epoch });
        return;
      case 'drops':
        store(frame, { kind: 'drops', epoch: message.epoch });
        return;
      case 'status':
        this.#heardStatus(message);
        return;
      case 'progress': {
        const { check, target, at, line } = message;
        fleet.audience.publish('progress', { agent, check, target, at, line }, { test: null, agent });
        return;
      }
      case 'time':
        this.#time(message);
        return;
      case 'bye':
        fleet.log.info(`agent ${agent} (${this.agent.name}) says goodbye: ${message.reason}`);
        this.#host.hangUp();
        return;
      case 'pinned':
        this.keys.pinned(message).catch(failed);
        return;
      case 'rekey':
        this.keys.rekey(message).catch(failed);
        return;
      case 'hello':
      case 'proof':
        throw badMessage(`"${message.type}" in the middle of a session`);
    }
  }

  #time({ id, agentMs, host }: Extract<AgentMessage, { type: 'time' }>): void {
    const { fleet, clock, send, address } = this.#host;
    send({ type: 'time', id, agentMs, serverMs: fleet.now(), sure: fleet.clock?.isSure() ?? true });
    clock.heard(host?.ms ?? agentMs);
    this.#aheadMs = Math.max(0, agentMs - fleet.now());
    if (clock.offset !== null) fleet.clock?.heard(this.agent.id, clock.offset, { address, boot: host?.boot });
  }

  #heardStatus(status: Status): void {
    const { fleet, seen } = this.#host;
    this.#status = status;
    seen(this.#host.clock.offset);
    if (status.capabilities !== undefined)
      fleet.planning.agentChanged({ id: this.agent.id, capabilities: status.capabilities });
  }
}
