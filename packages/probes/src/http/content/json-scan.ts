import { CONTENT_LIMITS } from './content-limits.ts';

/** The result of a path in a JSON text: the text of the value, or why there is none. */
export type Found =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'absent' | 'not_json' | 'too_deep' };

const ESCAPED = new Set('"\\/bfnrt');
const LITERALS = ['true', 'false', 'null'];

class NotJson extends Error {}

/**
 * Finds the value at a path without building the document: time grows with the text, memory only with its depth. It
 * validates the whole text; of duplicate names the last counts.
 * Source: RFC 8259 sections 2 to 7
 */
export function findInJson(text: string, path: readonly (string | number)[]): Found {
  const scan = new Scan(text, path);
  try {
    return scan.run();
  } catch (error) {
    if (error instanceof NotJson) return { kind: 'not_json' };
    throw error;
  }
}

/** Where in a container the scan is. */
interface Level {
  readonly isArray: boolean;
  /** The path leads to this container. */
  readonly onPath: boolean;
  /** The path leads to the next value in it. */
  leadsTo: boolean;
  /** Of the next value in an array. */
  index: number;
  /** Where the container began, when the path ends with it; else -1. */
  readonly wantedFrom: number;
}

class Scan {
  readonly #text: string;
  readonly #path: readonly (string | number)[];
  readonly #levels: Level[] = [];
  #at = 0;
  #found: string | null = null;
  #isTooDeep = false;

  constructor(text: string, path: readonly (string | number)[]) {
    this.#text = text;
    this.#path = path;
  }

  run(): Found {
    for (;;) {
      if (!this.#startValue()) continue;
      if (this.#isTooDeep) return { kind: 'too_deep' };
      if (this.#endContainers()) break;
    }
    this.#skipSpace();
    if (this.#at < this.#text.length) throw new NotJson();
    return this.#found === null ? { kind: 'absent' } : { kind: 'value', text: this.#found };
  }

  /** Reads a value, or enters a container that is not empty. @returns false to read the first value of that container */
  #startValue(): boolean {
    this.#skipSpace();
    const parent = this.#levels.at(-1);
    const onPath = parent === undefined || parent.leadsTo;
    const wanted = onPath && this.#levels.length === this.#path.length;
    // A duplicate name replaces the value found before.
    if (onPath) this.#found = null;
    const from = this.#at;
    const mark = this.#text[from];
    if (mark !== '{' && mark !== '[') {
      this.#readScalar(mark);
      if (wanted) this.#found = this.#text.slice(from, this.#at);
      return true;
    }
    if (this.#levels.length >= CONTENT_LIMITS.jsonDepth) {
      this.#isTooDeep = true;
      return true;
    }
    this.#at += 1;
    this.#skipSpace();
    const isArray = mark === '[';
    if (this.#text[this.#at] === (isArray ? ']' : '}')) {
      this.#at += 1;
      if (wanted) this.#found = this.#text.slice(from, this.#at);
      return true;
    }
    const level: Level = { isArray, onPath, leadsTo: false, index: 0, wantedFrom: wanted ? from : -1 };
    this.#levels.push(level);
    this.#beforeValue(level);
    return false;
  }

  /** After a value: goes on to the next one, or leaves the containers that end. @returns true once the document has ended */
  #endContainers(): boolean {
    for (;;) {
      const level = this.#levels.at(-1);
      if (level === undefined) return true;
      this.#skipSpace();
      const mark = this.#text[this.#at];
      this.#at += 1;
      if (mark === ',') {
        level.index += 1;
        this.#beforeValue(level);
        return false;
      }
      if (mark !== (level.isArray ? ']' : '}')) throw new NotJson();
      this.#levels.pop();
      if (level.wantedFrom >= 0) this.#found = this.#text.slice(level.wantedFrom, this.#at);
    }
  }

  /** Reads the name in an object, and notes whether the path goes on to its value. */
  #beforeValue(level: Level): void {
    const step = this.#path[this.#levels.length - 1];
    if (level.isArray) {
      level.leadsTo = level.onPath && level.index === step;
      return;
    }
    this.#skipSpace();
    const from = this.#at;
    this.#readString();
    const name = this.#text.slice(from, this.#at);
    level.leadsTo = level.onPath && step !== undefined && isName(name, String(step));
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') throw new NotJson();
    this.#at += 1;
  }

  #readScalar(mark: string | undefined): void {
    if (mark === '"') {
      this.#readString();
      return;
    }
    const literal = LITERALS.find((word) => this.#text.startsWith(word, this.#at));
    if (literal !== undefined) this.#at += literal.length;
    else this.#readNumber();
  }

  #readString(): void {
    if (this.#text[this.#at] !== '"') throw new NotJson();
    for (this.#at += 1; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 34) break;
      // Beyond the end the code is NaN.
      if (!(code >= 32)) throw new NotJson();
      if (code === 92) this.#readEscape();
    }
    this.#at += 1;
  }

  #readEscape(): void {
    this.#at += 1;
    const mark = this.#text[this.#at] ?? '';
    if (ESCAPED.has(mark)) return;
    if (mark !== 'u' || !/^[\da-f]{4}$/i.test(this.#text.slice(this.#at + 1, this.#at + 5))) throw new NotJson();
    this.#at += 4;
  }

  #readNumber(): void {
    if (this.#text[this.#at] === '-') this.#at += 1;
    if (this.#text[this.#at] === '0') this.#at += 1;
    else this.#readDigits();
    if (this.#text[this.#at] === '.') {
      this.#at += 1;
      this.#readDigits();
    }
    const exponent = this.#text[this.#at];
    if (exponent !== 'e' && exponent !== 'E') return;
    this.#at += 1;
    const sign = this.#text[this.#at];
    if (sign === '+' || sign === '-') this.#at += 1;
    this.#readDigits();
  }

  #readDigits(): void {
    const from = this.#at;
    for (let code = this.#text.charCodeAt(from); code >= 48 && code <= 57; code = this.#text.charCodeAt(this.#at))
      this.#at += 1;
    if (this.#at === from) throw new NotJson();
  }

  #skipSpace(): void {
    for (
      let code = this.#text.charCodeAt(this.#at);
      code === 32 || (code >= 9 && code <= 13 && code !== 11 && code !== 12);
    )
      code = this.#text.charCodeAt(++this.#at);
  }
}

/** Whether a name as it is written, with its quotes, is this one. */
function isName(written: string, name: string): boolean {
  if (written.length > 6 * name.length + 2) return false;
  return written.includes('\\') ? JSON.parse(written) === name : written.slice(1, -1) === name;
}
