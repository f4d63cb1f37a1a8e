import type { LiveEvents } from '@netsonde/protocol/api';

export type LiveState = 'connecting' | 'live' | 'reconnecting';
type EventName = keyof LiveEvents;
type Listener<Name extends EventName> = (event: LiveEvents[Name]) => void;

const EVENT_NAMES: readonly EventName[] = ['results', 'missed', 'progress', 'agent', 'test'];
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

/**
 * The server's live stream, shared by all pages. The browser reconnects after a broken connection but gives up after an
 * answer that is not a stream (a proxy's error page, a session that ended): then this one tries again, ever more slowly.
 */
export class LiveStream {
  readonly #address: string;
  readonly #listeners = new Map<EventName, Set<Listener<never>>>();
  readonly #stateListeners = new Set<() => void>();
  #source: EventSource | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #state: LiveState = 'connecting';
  #connections = 0;

  constructor(address: string) {
    this.#address = address;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** How often it has connected: what was shown before a reconnect may have gaps. */
  get connections(): number {
    return this.#connections;
  }

  open(): void {
    if (this.#source !== null) return;
    const source = new EventSource(this.#address);
    this.#source = source;
    source.onopen = () => this.#connected();
    source.onerror = () => this.#failed(source);
    for (const name of EVENT_NAMES)
      source.addEventListener(name, (event) => this.#deliver(name, JSON.parse(String(event.data))));
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
    this.#failures = 0;
    this.#setState('connecting');
  }

  /** Calls back for each event of that name; the answer ends it. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set<Listener<never>>();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  #deliver<Name extends EventName>(name: Name, event: LiveEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(event);
  }

  #connected(): void {
    this.#failures = 0;
    this.#connections += 1;
    this.#setState('live');
  }

  #failed(source: EventSource): void {
    if (source !== this.#source) return;
    this.#setState(this.#connections === 0 ? 'connecting' : 'reconnecting');
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    this.#source = null;
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.open(), waitMs);
  }

  #setState(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}
