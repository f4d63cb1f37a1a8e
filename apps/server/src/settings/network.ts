import { isIP } from 'node:net';
import { shown } from './variables.ts';

/** Addresses or networks (`10.0.0.0/8`), separated by commas. @throws Error that names the wrong one. */
export function addressList(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim());
  const named = parts.filter((part) => part !== '');
  return (named.length === 0 ? parts : named).map(checkNetwork);
}

function checkNetwork(text: string): string {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  const widest = family === 4 ? 32 : 128;
  const wrongBits = bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > widest);
  if (family === 0 || wrongBits || rest.length > 0)
    throw new Error(`${shown(text)} is no address or network: it takes a list like 127.0.0.1,10.0.0.0/8`);
  return text;
}

/** '' for the root, otherwise `/path` without a trailing slash. */
export function basePath(text: string): string {
  const path = text.replace(/\/+$/, '');
  const isDots = /\/\.\.?(\/|$)/.test(path);
  if (path !== '' && (isDots || path.length > 200 || !/^(\/[\w.~-]+)+$/.test(path)))
    throw new Error('it takes a path like /netsonde, of 200 characters at most');
  return path;
}

/** An address to listen on, or a host name. */
export function listenHost(text: string): string {
  if (isIP(text) === 0 && !/^[a-z0-9]([a-z0-9.-]{0,252})$/i.test(text))
    throw new Error('it takes an address or a host name, such as 0.0.0.0 or 127.0.0.1');
  return text;
}
