import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { catalog } from '../registry.ts';
import { declareProbe, type ProbeDescriptor } from './descriptor.ts';
import { optionFields } from './option-field.ts';
import { hideSecrets, keepSecrets, SECRET_KEPT, SecretMissing } from './secret-options.ts';

const { http } = catalog;
const stored = http.options.parse({
  headers: ['Authorization: Bearer s3cret', 'accept: text/html', 'X-Key: one', 'x-key: two', 'X-Empty:'],
  body: 'password=hunter2',
  method: 'POST',
});

describe('hiding secrets', () => {
  test('keeps names, harmless headers and all other options visible', () => {
    expect(hideSecrets(http, stored)).toEqual({
      ...stored,
      headers: [
        `Authorization: ${SECRET_KEPT}`,
        'accept: text/html',
        `X-Key: ${SECRET_KEPT}`,
        `x-key: ${SECRET_KEPT}`,
        'X-Empty: ',
      ],
      body: SECRET_KEPT,
    });
    expect(stored.body).toBe('password=hunter2');
  });

  test('accepts options that were not parsed, and returns options that the schema accepts', () => {
    expect(hideSecrets(http, {})).toEqual({});
    expect(hideSecrets(http, { body: 7, headers: 'x' })).toEqual({ body: 7, headers: 'x' });
    expect(http.options.safeParse(hideSecrets(http, stored)).success).toBe(true);
  });
});

describe('keeping secrets over an edit', () => {
  test('restores each unchanged placeholder, and accepts each new value', () => {
    const { headers, ...rest } = hideSecrets(http, stored) as typeof stored;
    const [, , ...keys] = headers;
    const edit = { ...rest, timeoutSeconds: 3, headers: ['Cookie: new', ...keys, headers[0] as string] };
    expect(keepSecrets(http, stored, edit)).toEqual({
      ...stored,
      timeoutSeconds: 3,
      headers: ['Cookie: new', 'X-Key: one', 'x-key: two', 'X-Empty: ', 'Authorization: Bearer s3cret'],
    });
    expect(keepSecrets(http, stored, { body: '' })).toEqual({ body: '' });
  });

  test('refuses a placeholder without a stored secret, and names the option', () => {
    const edit = { headers: [`X-Other: ${SECRET_KEPT}`] };
    expect(() => keepSecrets(http, stored, edit)).toThrow(SecretMissing);
    expect(() => keepSecrets(http, stored, edit)).toThrow(/^headers \(X-Other\) .*write the value itself/);
    expect(() => keepSecrets(http, {}, { body: SECRET_KEPT })).toThrow(/^body /);
  });

  test('undoes hiding, whatever the values are', () => {
    const value = fc.stringMatching(/^[!-~][ -~]*$/).map((text) => text.trim());
    const line = fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,12}$/), value).map(([name, of]) => `${name}: ${of}`);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), value, (headers, body) => {
        const options = { headers, body };
        expect(keepSecrets(http, options, hideSecrets(http, options))).toEqual(options);
      }),
    );
  });
});

test('every secret of the catalog is a text or a list of lines, and its field declares it', () => {
  const secrets = Object.values<ProbeDescriptor>(catalog).flatMap(({ id, options }) =>
    optionFields(options).flatMap(({ name, kind, secret }) =>
      secret === undefined ? [] : [[id, name, kind, typeof secret]],
    ),
  );
  expect(secrets).toEqual([
    ['http', 'headers', 'list', 'object'],
    ['http', 'body', 'text', 'string'],
  ]);
});

test('a probe declared anywhere has its secrets hidden', () => {
  const password = z.string().default('').meta({ label: 'Password', description: 'Password', secret: 'value' });
  const probe = declareProbe({ ...catalog.icmp, options: z.strictObject({ password }) } as unknown as ProbeDescriptor);
  expect(hideSecrets(probe, { password: 'x' })).toEqual({ password: SECRET_KEPT });
});
