import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

/** Node-API version that the newer driver release needs. Node has it from 22.14 on and refuses the driver below. */
const NODE_API_OF_NEWER = 10;

const load = createRequire(import.meta.url);

/**
 * The SQLite driver: the newer release if this Node can load it, else the older one, which is compiled for Node 20 and
 * can abort the process on Node 24 (docs/decisions/0002-versions-held-back.md). Both have the same interface.
 */
export const Database: typeof BetterSqlite3 =
  Number(process.versions.napi) >= NODE_API_OF_NEWER ? load('better-sqlite3-napi') : load('better-sqlite3');
