import { useEffect } from 'react';
import { queryClient } from '../app/query-client.ts';
import { liveStream, useLiveConnections } from './live.ts';

const QUIET_MS = 1500;

/** Reads again what a live event has changed. Many events in a row cause one read per `waitMs`. */
function refresher(key: string, waitMs: number): { ask: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    timer = undefined;
    void queryClient.invalidateQueries({ queryKey: [key] });
  };
  return {
    ask: () => {
      timer ??= setTimeout(run, waitMs);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Keeps lists and counts up to date with the stream. After a reconnect it reads everything again. */
export function useLiveRefresh(): void {
  const connections = useLiveConnections();
  useEffect(() => {
    if (connections > 1) void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'catalog' });
  }, [connections]);
  useEffect(() => {
    const overview = refresher('overview', 3 * QUIET_MS);
    const series = refresher('series-states', 3 * QUIET_MS);
    const tests = refresher('tests', 2 * QUIET_MS);
    const testsNow = refresher('tests', 50);
    const agents = refresher('agents', 100);
    const tokens = refresher('enrolment-tokens', 500);
    const stops = [
      liveStream.on('results', () => {
        overview.ask();
        series.ask();
        tests.ask();
      }),
      liveStream.on('test', () => {
        testsNow.ask();
        series.ask();
        overview.ask();
      }),
      liveStream.on('agent', () => {
        agents.ask();
        tokens.ask();
        series.ask();
        testsNow.ask();
        overview.ask();
      }),
    ];
    return () => {
      for (const stop of [...stops, overview.stop, series.stop, tests.stop, testsNow.stop, agents.stop, tokens.stop])
        stop();
    };
  }, []);
}
