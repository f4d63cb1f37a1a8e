import type { Span, SpanChanges } from '../plan/span.ts';

/** Changes that are written together, in parts small enough for one transaction each. */
export class SpanBatch {
  /** Tests whose last change is among them, with the instant as of which each was planned, epoch ms. */
  readonly tests = new Map<number, number>();
  readonly #added: Span[] = [];
  readonly #ended: Span[] = [];
  readonly #closed: Span[] = [];
  readonly #touched = new Set<number>();
  readonly #load = new Map<number, number>();
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** The instant at which they are decided, epoch ms. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Time has passed: while nothing is decided, what follows is decided at this instant. */
  refresh(nowMs: number): void {
    if (this.isEmpty) this.#nowMs = nowMs;
  }

  /** Rows to write. */
  get size(): number {
    return this.#added.length + this.#ended.length + this.#closed.length;
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.#touched.size === 0;
  }

  /** By how much an agent's load grows when this is written. */
  loadChange(agent: number): number {
    return this.#load.get(agent) ?? 0;
  }

  add({ added, ended, closed }: SpanChanges): void {
    for (const span of added) this.#note(this.#added, span, 1);
    for (const span of ended) this.#note(this.#ended, span, 0);
    for (const span of closed) this.#note(this.#closed, span, -1);
  }

  /** What the agent has to do has changed without its spans: the content of a check. */
  touch(agent: number): void {
    this.#touched.add(agent);
  }

  /** Takes up to `most` rows out, closed ones first, so that a span that begins again is closed before. */
  take(most: number): SpanChanges & { readonly touched: ReadonlySet<number> } {
    const closed = this.#closed.splice(0, most);
    const ended = this.#ended.splice(0, most - closed.length);
    const added = this.#added.splice(0, most - closed.length - ended.length);
    const touched = new Set([...closed, ...ended, ...added].map(({ agent }) => agent));
    if (this.size === 0) for (const agent of this.#touched) touched.add(agent);
    if (this.size === 0) this.#touched.clear();
    return { added, ended, closed, touched };
  }

  #note(list: Span[], span: Span, load: number): void {
    list.push(span);
    this.#load.set(span.agent, this.loadChange(span.agent) + load);
  }
}
