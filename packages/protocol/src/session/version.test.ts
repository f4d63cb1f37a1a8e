import { expect, test } from 'vitest';
import { PROTOCOL_MINOR, PROTOCOL_TEXT, PROTOCOL_VERSION, readPeerVersion, versionFault } from './version.ts';

test('a peer without the header, or with an unreadable one, speaks 1.0', () => {
  expect(readPeerVersion(undefined)).toEqual({ major: 1, minor: 0 });
  expect(readPeerVersion('a lot')).toEqual({ major: 1, minor: 0 });
  expect(readPeerVersion(PROTOCOL_TEXT)).toEqual({ major: PROTOCOL_VERSION, minor: PROTOCOL_MINOR });
});

test('peers of this major version work together from 1.1 on, whatever their minor version', () => {
  expect(versionFault({ major: 1, minor: 1 }, 'agent')).toBeNull();
  expect(versionFault({ major: 1, minor: 99 }, 'server')).toBeNull();
});

test('a refusal names both versions and the side to update', () => {
  expect(versionFault({ major: 1, minor: 0 }, 'agent')).toMatch(
    /^the agent speaks version 1\.0 of the protocol, this server version 1\.\d+: update the agent/,
  );
  expect(versionFault({ major: 1, minor: 0 }, 'server')).toMatch(/: update the server/);
  expect(versionFault({ major: 2, minor: 3 }, 'server')).toMatch(/2\.3 .*: update the agent$/);
});
