import { UsageError } from './terminal.ts';

/** A port given as text, 0 to 65535 (0: any free one). @throws UsageError that names the flag. */
export function readPort(flag: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new UsageError(`${flag}: ${JSON.stringify(text)} is no port: 0 to 65535`);
  return port;
}
