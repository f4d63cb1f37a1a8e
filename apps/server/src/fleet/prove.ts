import { createPublicKey, verify } from 'node:crypto';
import { signedText, type Transcript } from '@netsonde/protocol';

/** Whether the agent holds the private half of the key in the transcript. */
export function agentProved(role: 'agent' | 'rekey', transcript: Transcript, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: transcript.agentKey }, format: 'jwk' });
    return verify(null, Buffer.from(signedText(role, transcript)), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
