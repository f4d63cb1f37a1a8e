/** What both ends sign: who talks to whom, in this session only. All parts base64url; `binding` is the TLS exporter's value in hex, '' without TLS. */
export interface Transcript {
  readonly agentKey: string;
  readonly serverKey: string;
  readonly agentNonce: string;
  readonly serverNonce: string;
  readonly binding: string;
}

/**
 * The text to sign for one role: the role is part of it, so that a signature cannot be played back by the other side.
 * `rekey`: signed with an agent's new key, which stands in the transcript in place of the one that it came with.
 */
export function signedText(role: 'agent' | 'server' | 'enrolment' | 'rekey', transcript: Transcript): string {
  const { agentKey, serverKey, agentNonce, serverNonce, binding } = transcript;
  return ['netsonde session 1', role, agentKey, serverKey, agentNonce, serverNonce, binding].join('\n');
}
