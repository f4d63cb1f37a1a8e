import { resultStoreConformance } from '../conformance.test-suite.ts';
import { openSqliteResultStore } from './sqlite-result-store.ts';

resultStoreConformance('SQLite', (folder, catalog) => openSqliteResultStore({ folder, catalog }));
