import { readFileSync } from 'node:fs';
import type { OptionField } from '@netsonde/probes/catalog';
import { UsageError } from '../terminal.ts';

/** The PEM text of a flag whose value is the text or the path of a file with it. @throws UsageError */
export function pemValue({ flag }: OptionField, given: string): string {
  if (given.trim() === '' || given.includes('-----BEGIN ')) return given;
  const text = readText(flag, given);
  if (text.includes('-----BEGIN ')) return text;
  throw new UsageError(`--${flag}: the file ${given} holds no PEM text (-----BEGIN ...): give another file`);
}

function readText(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(
      `--${flag}: the file ${JSON.stringify(file)} cannot be read (${why}): give the path of a PEM file, or the PEM text itself`,
    );
  }
}
