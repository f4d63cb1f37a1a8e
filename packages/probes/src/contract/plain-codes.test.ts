import { expect, test } from 'vitest';
import { inPlainWords } from './plain-codes.ts';

test.each([
  ['resolve example.net: EAI_AGAIN', 'resolve example.net: the resolver did not answer (EAI_AGAIN)'],
  ['send 192.0.2.1:7: ECONNREFUSED', 'send 192.0.2.1:7: the connection was refused (ECONNREFUSED)'],
  [
    'TLS handshake 192.0.2.1:443: ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    'TLS handshake 192.0.2.1:443: TLS: tlsv1 alert protocol version (ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION)',
  ],
  [
    'ask 192.0.2.1:53 for A of example.net: BADCOOKIE, expected NOERROR',
    'ask 192.0.2.1:53 for A of example.net: the server wants a valid DNS cookie (BADCOOKIE), expected NOERROR',
  ],
  [
    'echo 192.0.2.1: 192.0.2.9 answered an echo to 192.0.2.1 with ICMP type 3 code 13',
    'echo 192.0.2.1: 192.0.2.9 answered an echo to 192.0.2.1 with ICMP “administratively prohibited” (type 3 code 13)',
  ],
  [
    'echo 2001:db8::1: a host answered an echo to 2001:db8::1 with ICMP type 1 code 3',
    'echo 2001:db8::1: a host answered an echo to 2001:db8::1 with ICMP “address unreachable” (type 1 code 3)',
  ],
])('%s is shown as %s', (text, words) => {
  expect(inPlainWords(text)).toBe(words);
});

test.each([
  'GET https://example.net/EACCES/REFUSED at 192.0.2.1:443: answer',
  'a header EXAMPLE is missing',
  'ask for A of EACCES.example.net',
  'no answer in time (ETIMEDOUT)',
  'ICMP type 200 code 7',
])('%s is shown as it is', (text) => {
  expect(inPlainWords(text)).toBe(text);
});
