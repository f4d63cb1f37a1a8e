import { SESSION_PATH } from '@netsonde/protocol';

/** The server's addresses. */
export interface ServerUrl {
  /** URL of the session's WebSocket. */
  readonly socketUrl: string;
  /** URL for users, http or https, without a trailing slash. */
  readonly text: string;
  readonly encrypted: boolean;
  readonly loopback: boolean;
}

/** Reads a server's URL. A path in it is the base path behind a reverse proxy. @throws Error that says what to write. */
export function parseServerUrl(text: string): ServerUrl {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new Error(`${JSON.stringify(text)} is not a URL: write it like http://netsonde.example:5000`);
  }
  const encrypted = url.protocol === 'https:' || url.protocol === 'wss:';
  if (!encrypted && url.protocol !== 'http:' && url.protocol !== 'ws:')
    throw new Error(
      `the scheme ${JSON.stringify(url.protocol.slice(0, -1))} is not known: write http, https, ws or wss`,
    );
  if (url.username !== '' || url.password !== '')
    throw new Error('user names and passwords do not belong into the URL: agents prove who they are with their key');
  if (url.search !== '' || url.hash !== '') throw new Error('a server URL has no ? or # part');
  const base = `${url.host}${url.pathname.replace(/\/+$/, '')}`;
  return {
    socketUrl: `${encrypted ? 'wss' : 'ws'}://${base}${SESSION_PATH}`,
    text: `${encrypted ? 'https' : 'http'}://${base}`,
    encrypted,
    loopback: isLoopback(url.hostname),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
