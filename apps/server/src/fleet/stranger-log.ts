import { networkOf } from '../auth/client-network.ts';
import type { FleetLog } from './ports.ts';

const WINDOW_MS = 60_000;
/** Most lines per window. Further ones are counted. */
const MOST_LINES = 20;

/** Logs why strangers' connections end: the first of a kind and network at once, the others as one count per minute. */
export class StrangerLog {
  readonly #log: Pick<FleetLog, 'warn'>;
  readonly #logged = new Set<string>();
  #more = new Map<string, number>();
  #networks = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Pick<FleetLog, 'warn'>) {
    this.#log = log;
  }

  warn(address: string, code: string, message: string): void {
    const network = networkOf(address);
    const kind = `${code} ${network}`;
    this.#timer ??= setTimeout(() => this.summarize(), WINDOW_MS).unref();
    if (!this.#logged.has(kind) && this.#logged.size < MOST_LINES) {
      this.#logged.add(kind);
      this.#log.warn(message);
      return;
    }
    this.#more.set(code, (this.#more.get(code) ?? 0) + 1);
    if (this.#networks.size < MOST_LINES) this.#networks.add(network);
  }

  /** Ends the window and logs one line with the count of the suppressed ones. */
  summarize(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const more = this.#more;
    const networks = [...this.#networks];
    this.#logged.clear();
    this.#networks = new Set();
    this.#more = new Map();
    if (more.size === 0) return;
    const total = [...more.values()].reduce((sum, count) => sum + count, 0);
    const kinds = [...more].map(([code, count]) => `${count} ${code}`).join(', ');
    const from = networks.length < MOST_LINES ? networks.join(', ') : `${MOST_LINES} networks or more`;
    this.#log.warn(`${total} more sessions ended before an agent was admitted (${kinds}), from ${from}`);
  }
}
