import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { openDatabase } from '../../open-database.ts';
import { REFUSAL_TABLES } from '../accept/refusal-table.ts';
import { REPEATED_TABLE } from '../accept/repeated-table.ts';
import { UNPLANNED_TABLES } from '../accept/unplanned-table.ts';
import { addColumns, bringToFormat, preparing } from '../format.ts';
import { META_SQL } from '../meta-table.ts';
import { AGENT_LAYOUT_TABLE } from './agent-layouts.ts';

/** Format 1 had no checks. */
const FORMAT = 2;
const ADDED = {
  meta: ['crc'],
  series: ['crc'],
  purge: ['crc'],
  received: ['crc'],
  log: ['from_ms', 'to_ms', 'head_crc', 'crc'],
  layout: ['crc'],
  detail: ['crc'],
  loss: ['crc'],
};
/** Tables of counts, which got their checks later. */
const COUNTS = Object.fromEntries(
  ['refused', 'refused_due', 'unplanned', 'unplanned_total', 'arrival'].map((table) => [table, ['crc']]),
);
/** Pages of the WAL before they are moved into the file: large, so that pages written often are moved once. */
const CHECKPOINT_PAGES = 4000;

export const intakeFile = (folder: string): string => join(folder, 'intake.db');

const TABLES = `
${META_SQL}
CREATE TABLE IF NOT EXISTS known_check (check_id INTEGER PRIMARY KEY, probe TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY AUTOINCREMENT, agent INTEGER NOT NULL, check_id INTEGER NOT NULL, target INTEGER NOT NULL,
  crc INTEGER, UNIQUE (check_id, agent, target));
CREATE TABLE IF NOT EXISTS purge (series INTEGER PRIMARY KEY, crc INTEGER);
CREATE TABLE IF NOT EXISTS received (agent INTEGER NOT NULL, epoch INTEGER NOT NULL, ranges BLOB NOT NULL, crc INTEGER, PRIMARY KEY (agent, epoch)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
  id INTEGER PRIMARY KEY, received_ms INTEGER NOT NULL, rows INTEGER NOT NULL, from_ms INTEGER, to_ms INTEGER,
  head_crc INTEGER, crc INTEGER, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS layout (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE, crc INTEGER);
CREATE TABLE IF NOT EXISTS detail (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, crc INTEGER, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS detail_use (
  detail INTEGER NOT NULL, series INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (detail, series)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS loss (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, agent INTEGER NOT NULL, check_id INTEGER NOT NULL, target INTEGER NOT NULL,
  reason TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, count INTEGER NOT NULL, crc INTEGER);
CREATE INDEX IF NOT EXISTS loss_check ON loss (check_id, to_ms);
CREATE INDEX IF NOT EXISTS loss_agent ON loss (agent, to_ms);
CREATE INDEX IF NOT EXISTS loss_series ON loss (check_id, agent, target, to_ms);
CREATE TABLE IF NOT EXISTS unknown_word (agent INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (agent, word)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS arrival (second INTEGER PRIMARY KEY, count INTEGER NOT NULL, crc INTEGER);
`;

/**
 * The intake's database: what was received of whom, the log of results that are not folded yet, and what never came.
 * One process writes it, from one thread.
 */
export function openIntakeDatabase(folder: string, access: 'write' | 'read'): Database {
  const file = intakeFile(folder);
  const db = openDatabase(file, { pageSize: 4096, cacheKib: 4096, readonly: access === 'read', shrinks: true });
  if (access === 'read') return db;
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  return preparing(db, file, () => {
    db.exec(TABLES);
    db.exec(REFUSAL_TABLES);
    db.exec(REPEATED_TABLE);
    db.exec(UNPLANNED_TABLES);
    db.exec(AGENT_LAYOUT_TABLE);
    bringToFormat(db, file, FORMAT, ADDED);
    addColumns(db, COUNTS);
  });
}
