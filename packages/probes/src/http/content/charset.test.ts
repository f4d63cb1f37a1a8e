import { expect, test } from 'vitest';
import { textOf } from './charset.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['UTF-8 where nothing is declared', Buffer.from('é'), 'text/plain', 'é'],
  ['Content-Type', latin('\xe9'), 'text/html; charset="ISO-8859-1"', 'é'],
  ['Content-Type before the page', latin('<meta charset=utf-8>\xe9'), 'text/html;charset=windows-1252', 'é'],
  ['the byte order mark before Content-Type', Buffer.from('\ufeffé'), 'text/html; charset=iso-8859-1', 'é'],
  ['UTF-16 by its mark', Buffer.from('\ufeffé', 'utf16le'), 'text/html', 'é'],
  ['<meta charset>', latin('<!doctype html><META\ncharset = "windows-1252" />\xe9'), 'text/html', 'é'],
  [
    '<meta http-equiv>',
    latin('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2">\xb1'),
    'text/html',
    'ą',
  ],
  ['the first declaration outside comments', latin('<!-- <meta charset=koi8-r> --><meta charset=latin1>\xe9'), '', 'é'],
  ['the XML declaration', latin('<?xml version="1.0" encoding="ISO-8859-1"?>\xe9'), 'application/xml', 'é'],
  ['UTF-8 for a page that calls itself UTF-16', Buffer.from('<meta charset="utf-16le">é'), 'text/html', 'é'],
  ['UTF-8 for a charset that nobody knows', Buffer.from('é'), 'text/html; charset=x-nothing', 'é'],
])('%s decides', (_, bytes, contentType, expected) => {
  expect(textOf(bytes, contentType).endsWith(expected)).toBe(true);
});

test.each([
  ['behind the first 1,024 bytes', `${' '.repeat(1024)}<meta charset=latin1>\xe9`, 'text/html'],
  ['in a document that is no page', '{"a":"<meta charset=latin1>\xe9"}', 'application/json'],
  ['as a word in a description', '<meta name=description content="charset=latin1">\xe9', 'text/html'],
])('a declaration %s decides nothing', (_, text, contentType) => {
  expect(textOf(latin(text), contentType)).not.toContain('é');
});
