import { catalog, optionFields } from '@netsonde/probes/catalog';
import { expect, it } from 'vitest';
import { optionText } from './option-text.ts';

const field = (name: string) => {
  const found = optionFields(catalog.http.options).find((one) => one.name === name);
  if (found === undefined) throw new Error(`http has no option ${name}`);
  return found;
};

it('optionText counts the certificates of a text from a file instead of showing them', () => {
  const one = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  expect(optionText(field('ca'), one)).toBe('Further authorities given, 1 certificate');
  expect(optionText(field('ca'), one + one)).toBe('Further authorities given, 2 certificates');
});
