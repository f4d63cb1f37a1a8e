import { parentPort, workerData } from 'node:worker_threads';
import type { ResultFilter, ResultName, SeriesPage, SeriesQuestion, VerdictQuestion } from '../../result-store.ts';
import type { ResultPlace } from '../query/first-results.ts';
import { latest } from '../query/latest.ts';
import { type LedgerFilter, ledger } from '../query/ledger.ts';
import { agentRefusals, refusedSeries, unplannedPage } from '../query/refusals.ts';
import { resultOf } from '../query/result-of.ts';
import { newestResults, scanPage } from '../query/results.ts';
import { seriesLines } from '../query/series.ts';
import { seriesStates, verdictCounts } from '../query/series-states.ts';
import { Snapshot } from '../query/snapshot.ts';
import { resultsFile } from '../results-database.ts';
import { answerCall, type Call, start } from '../thread-call.ts';

if (parentPort === null) throw new Error('reader-thread runs as a thread only');
const port = parentPort;
const { folder } = workerData as { folder: string };
const snapshot = start(port, resultsFile(folder), () => new Snapshot(folder));

function run(name: string, args: readonly unknown[]): unknown {
  switch (name) {
    case 'series':
      return snapshot.read(() => seriesLines(snapshot, args[0] as SeriesQuestion));
    case 'results':
      return snapshot.read(() => newestResults(snapshot, args[0] as ResultFilter, args[1] as number));
    case 'result':
      return snapshot.read(() => resultOf(snapshot, args[0] as ResultName));
    case 'scan':
      return snapshot.read(() => scanPage(snapshot, args[0] as ResultFilter, args[1] as ResultPlace | null));
    case 'latest':
      return snapshot.read(() => latest(snapshot, args[0] as readonly number[] | undefined));
    case 'verdictCounts':
      return snapshot.read(() => verdictCounts(snapshot, args[0] as readonly VerdictQuestion[]));
    case 'seriesStates':
      return snapshot.read(() => seriesStates(snapshot, args[0] as readonly VerdictQuestion[], args[1] as SeriesPage));
    case 'ledger':
      return snapshot.read(() => ledger(snapshot, args[0] as LedgerFilter));
    case 'refusals':
      return agentRefusals(snapshot, args[0] as number | undefined);
    case 'refusedSeries':
      return refusedSeries(snapshot, args[0] as number, args[1] as number);
    case 'unplanned':
      return unplannedPage(snapshot, args[0] as number, args[1] as number, args[2] as number);
    case 'storedSince':
      return snapshot.read(() => snapshot.arrivals(args[0] as number));
    case 'close':
      snapshot.close();
      setImmediate(() => port.close());
      return undefined;
    default:
      throw new Error(`the reader has no call ${name}`);
  }
}

port.on('message', (call: Call) => answerCall(port, call, run, { file: resultsFile(folder), notes: snapshot.notes }));
