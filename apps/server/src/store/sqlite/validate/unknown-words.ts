import { WORD } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';

/** Words of one agent's records, and ids of metrics and samples, that this version does not know. */
export interface UnknownWords {
  /** What is wrong with the word; null: it is noted as one of the agent's, and may be stored. */
  fault(word: string): string | null;
}

/** Different unknown words that one agent may use; a later version has a few dozen more than this one at the most. */
export const MOST_UNKNOWN_WORDS = 256;

/** The unknown words of each agent, kept durably in the writer's transaction. */
export class UnknownWordTable {
  readonly #insert;
  readonly #select;
  readonly #byAgent = new Map<number, Set<string>>();

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT OR IGNORE INTO unknown_word (agent, word) VALUES (?, ?)');
    this.#select = db.prepare('SELECT word FROM unknown_word WHERE agent = ?').pluck();
  }

  /** The words of one agent. */
  of(agent: number): UnknownWords {
    return { fault: (word) => this.#fault(agent, word) };
  }

  /** Reads all again when next asked: a transaction was undone. */
  clear(): void {
    this.#byAgent.clear();
  }

  #fault(agent: number, word: string): string | null {
    if (!WORD.test(word)) return 'must be a word in snake_case of at most 64 characters';
    const words = this.#wordsOf(agent);
    if (words.has(word)) return null;
    if (words.size >= MOST_UNKNOWN_WORDS)
      return `is unknown to this server, as ${MOST_UNKNOWN_WORDS} other words of this agent are: update the server`;
    this.#insert.run(agent, word);
    words.add(word);
    return null;
  }

  #wordsOf(agent: number): Set<string> {
    const known = this.#byAgent.get(agent);
    if (known !== undefined) return known;
    const words = new Set(this.#select.all(agent) as string[]);
    this.#byAgent.set(agent, words);
    return words;
  }
}
