import type { DamagedFigures } from '../../result-store.ts';
import type { DamageNote } from './damaged.ts';

/** What damage in a table takes from answers: results, figures that count no results, or nothing that has no copy. */
type Taken = 'results' | DamagedFigures | 'nothing';

/**
 * All tables of the results' files. Without checksums: `known_check` (written again from the configuration at each start),
 * `unknown_word` (it only bounds how many unknown words an agent may use) and `detail_use` (a detail that is deleted too
 * early for it is reported as missing, as a damaged one is).
 */
const TABLES: Readonly<Record<DamageNote['file'], Readonly<Record<string, Taken>>>> = {
  'intake.db': {
    meta: 'results',
    meta_copy: 'nothing',
    series: 'results',
    purge: 'nothing',
    received: 'nothing',
    log: 'results',
    layout: 'results',
    detail: 'nothing',
    detail_use: 'nothing',
    known_check: 'nothing',
    unknown_word: 'nothing',
    loss: 'ledger',
    refused_due: 'ledger',
    refused: 'refusals',
    unplanned: 'refusals',
    unplanned_total: 'refusals',
    arrival: 'rate',
  },
  'results.db': {
    meta: 'results',
    meta_copy: 'nothing',
    layout: 'results',
    fold: 'results',
    block_head: 'results',
    rollup_head: 'results',
    block: 'results',
    small_block: 'results',
    newest: 'nothing',
    retired: 'results',
    damage: 'results',
  },
};

/** Names of a file's tables. */
export const tablesOf = (file: DamageNote['file']): readonly string[] => Object.keys(TABLES[file]);

/** Whether results may be missing when a table is damaged. */
export const hasResults = (file: DamageNote['file'], table: string): boolean => TABLES[file][table] === 'results';

/** Whether figures may be smaller because of this damage. What is counted from results is in the ledger. */
export const concernsFigures = ({ file, table, results }: DamageNote, of: DamagedFigures): boolean =>
  TABLES[file][table] === of || (of === 'ledger' && results !== 0);
