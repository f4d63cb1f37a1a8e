import type { SeenServer, ServerPlace } from '@netsonde/agent';
import { askHealth, type Health } from './health.ts';

/** A host clock that is off by more than this makes results appear at a wrong time, ms. */
const CLOCK_LIMIT_MS = 5000;

interface Line {
  readonly ok: boolean;
  readonly text: string;
}

export interface ServerCheck {
  readonly ok: boolean;
  readonly url: string;
  /** This host's clock minus the server's, ms; null: not measured. */
  readonly clockOffsetMs: number | null;
  /** Error bound of that difference, ms; null: not measured. */
  readonly clockErrorMs: number | null;
  readonly lines: readonly Line[];
}

/** Asks a server what an agent asks first: is it reachable, is it Netsonde, is it healthy, and do the clocks agree? */
export async function checkServer(place: ServerPlace): Promise<ServerCheck> {
  const { text: url } = place.server;
  const { lookAtServer } = await import('@netsonde/agent');
  const seen = await lookAtServer(place).catch((error: Error) => error.message);
  if (typeof seen === 'string')
    return { ok: false, url, clockOffsetMs: null, clockErrorMs: null, lines: [{ ok: false, text: seen }] };
  const lines = [
    { ok: true, text: `reached ${url}, as an agent does` },
    ...certificateLines(seen, place),
    ...healthLines(await askHealth(place)),
    clockLine(seen),
  ];
  const { clockOffsetMs, clockErrorMs } = seen;
  return { ok: lines.every(({ ok }) => ok), url, clockOffsetMs, clockErrorMs, lines };
}

function certificateLines({ vouchedFor }: SeenServer, { ca }: ServerPlace): readonly Line[] {
  if (vouchedFor === null) return [];
  const by = ca === null ? 'by an authority that Node knows' : 'by an authority of --ca';
  const text = vouchedFor
    ? `certificate: vouched for ${by}`
    : 'certificate: no authority that this host knows vouches for it; agents rely on the server’s own key instead, browsers will warn (check it with --ca)';
  return [{ ok: true, text }];
}

function healthLines(health: Health): readonly Line[] {
  switch (health.is) {
    case 'well':
      return [{ ok: true, text: `the server is well (version ${health.version})` }, ...serverClockLines(health.clock)];
    case 'ill':
      return [{ ok: false, text: `the server says that it is not well (${health.why}): look at its log` }];
    case 'unknown':
      return [{ ok: true, text: `its health page could not be read (${health.why}); agents do not need it` }];
  }
}

/** A clock that nobody has confirmed is usual on hosts without a time service. */
function serverClockLines(clock: string): readonly Line[] {
  if (clock === 'ok') return [];
  if (clock === 'unconfirmed')
    return [
      { ok: true, text: 'its time: no time service and no other host confirms it; it deletes nothing for a day' },
    ];
  return [{ ok: false, text: `the clock of its host is not used as it is (${clock}): see Settings, Server clock` }];
}

function clockLine({ clockOffsetMs, clockErrorMs }: SeenServer): Line {
  const apart = Math.abs(clockOffsetMs);
  const known = `give or take ${shownBound(clockErrorMs)}`;
  if (apart <= clockErrorMs) return { ok: true, text: `clock: agrees with the server’s, ${known}` };
  const text = `clock: ${shown(apart)} ${clockOffsetMs < 0 ? 'behind' : 'ahead of'} the server’s, ${known}`;
  const ok = apart - clockErrorMs <= CLOCK_LIMIT_MS;
  return { ok, text: ok ? text : `${text}: set this host's clock, e.g. with: timedatectl set-ntp true` };
}

/** Rounded up, and includes the rounding of the value shown beside it. */
const shownBound = (ms: number): string =>
  ms < 1000 ? `${ms} ms` : `${(Math.ceil(ms / 100 + 0.5) / 10).toFixed(1)} s`;
const shown = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
