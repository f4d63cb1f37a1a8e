import type { Pair, PairFiles } from '@netsonde/sockets/host';

/** Where an agent listens. */
export interface ListenAddress {
  /** Address or host name, without brackets. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly loopback: boolean;
}

/** Where an agent listens for its server, and its certificate. `tls` is null without TLS. */
export interface ListenOptions extends ListenAddress {
  readonly tls: (Pair & { readonly files: PairFiles }) | null;
}

export const DEFAULT_LISTEN = Object.freeze({ host: '127.0.0.1', port: 5001 });

/** Reads `host:port`, `:port`, `port`, `host` or `[address]:port`; '' is the default. @throws Error that says what to write. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]*[a-z.-][\w.-]*)|)?:?(\d{1,5})?$/i.exec(text.trim());
  const [, bracketed, plain, digits] = match ?? [];
  const port = digits === undefined ? DEFAULT_LISTEN.port : Number(digits);
  if (match === null || port > 65_535)
    throw new Error(
      `${JSON.stringify(text)} is no place to listen: write it like 127.0.0.1:5001, 0.0.0.0:5001 or [::]:5001`,
    );
  const host = bracketed ?? plain ?? DEFAULT_LISTEN.host;
  return { host, port, loopback: host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host) };
}
