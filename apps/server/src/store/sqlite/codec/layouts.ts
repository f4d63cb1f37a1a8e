import type { Absent, Metrics, Samples } from './row.ts';

/** Which metrics, absences and samples a record has, in its order: kept once, named by number in each record. */
export interface Layout {
  readonly metrics: readonly string[];
  readonly absent: readonly (readonly [string, Absent[string]])[];
  readonly samples: readonly string[];
}

/** Where layouts are kept for good. */
export interface LayoutTable {
  /** The number of this layout text; undefined when it is new. */
  find(json: string): number | undefined;
  /** The number of this layout text, given to it now when it is new. */
  idOf(json: string): number;
  /** @throws when there is no such layout. */
  textOf(id: number): string;
}

const NO_SAMPLES: Samples = {};
const REMEMBERED = 8;
/** Most characters of the cached layouts' texts; an object takes several times as much. */
const MOST_CACHED_CHARACTERS = 2 * 1024 * 1024;

/** Finds layouts fast: records of one check mostly look alike. */
export class LayoutBook {
  readonly #table: LayoutTable;
  readonly #byId = new Map<number, Layout>();
  readonly #recent: { id: number; layout: Layout }[] = [];
  #cachedCharacters = 0;

  constructor(table: LayoutTable) {
    this.#table = table;
  }

  layout(id: number): Layout {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const text = this.#table.textOf(id);
    const layout = JSON.parse(text) as Layout;
    if (this.#cachedCharacters + text.length > MOST_CACHED_CHARACTERS) this.#forgetCached();
    this.#cachedCharacters += text.length;
    this.#byId.set(id, layout);
    return layout;
  }

  /** Characters of the cached layouts' texts. */
  get cachedCharacters(): number {
    return this.#cachedCharacters;
  }

  /** The number of a layout that is kept; undefined: it would be new. */
  find(metrics: Metrics, absent: Absent, samples: Samples = NO_SAMPLES): number | undefined {
    const recent = this.#recentId(metrics, absent, samples);
    if (recent !== undefined) return recent;
    const layout = layoutOf(metrics, absent, samples);
    const id = this.#table.find(JSON.stringify(layout));
    if (id !== undefined) this.#remember(id, layout);
    return id;
  }

  /** The number of a layout, which is kept from now on. */
  idFor(metrics: Metrics, absent: Absent, samples: Samples = NO_SAMPLES): number {
    const recent = this.#recentId(metrics, absent, samples);
    if (recent !== undefined) return recent;
    const layout = layoutOf(metrics, absent, samples);
    const id = this.#table.idOf(JSON.stringify(layout));
    this.#remember(id, layout);
    return id;
  }

  /** Forgets all: what it knows may have been rolled back. */
  clear(): void {
    this.#forgetCached();
    this.#recent.length = 0;
  }

  #recentId(metrics: Metrics, absent: Absent, samples: Samples): number | undefined {
    for (let place = 0; place < this.#recent.length; place += 1) {
      const known = this.#recent[place];
      if (known === undefined || !fits(known.layout, metrics, absent, samples)) continue;
      if (place > 0) {
        this.#recent.splice(place, 1);
        this.#recent.unshift(known);
      }
      return known.id;
    }
    return undefined;
  }

  #remember(id: number, layout: Layout): void {
    this.#recent.unshift({ id, layout });
    this.#recent.length = Math.min(this.#recent.length, REMEMBERED);
  }

  #forgetCached(): void {
    this.#byId.clear();
    this.#cachedCharacters = 0;
  }
}

const layoutOf = (metrics: Metrics, absent: Absent, samples: Samples): Layout => ({
  metrics: Object.keys(metrics),
  absent: Object.entries(absent),
  samples: Object.keys(samples),
});

function fits(layout: Layout, metrics: Metrics, absent: Absent, samples: Samples): boolean {
  let place = 0;
  for (const id in metrics) if (layout.metrics[place++] !== id) return false;
  if (place !== layout.metrics.length) return false;
  place = 0;
  for (const id in absent) {
    const entry = layout.absent[place++];
    if (entry === undefined || entry[0] !== id || entry[1] !== absent[id]) return false;
  }
  if (place !== layout.absent.length) return false;
  place = 0;
  for (const id in samples) if (layout.samples[place++] !== id) return false;
  return place === layout.samples.length;
}
