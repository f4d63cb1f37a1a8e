import type { PacketIdentity } from './packet.ts';
import { mixWords } from './random.ts';

/** The packets of one protocol from one address to another, in one direction. Fates repeat for a seed within this unit. */
export interface Conversation {
  readonly protocol: number;
  /** Identifies the conversation in random draws. */
  readonly hash: number;
  /** Number of its packets read so far. */
  packets: number;
  /** Whether its Gilbert-Elliott chain is in the bad state. */
  inBurst: boolean;
  /** Due time of its last packet in order, ns. */
  lastDueNs: number;
}

/**
 * Finds or makes the conversation of a packet. It ignores ports and echo identifiers, since these differ from run to
 * run.
 */
export class Conversations {
  readonly #byKey = new Map<string, Conversation>();

  of(packet: PacketIdentity): Conversation {
    const words = new Int32Array([...chunk(packet.source), ...chunk(packet.destination)]);
    const key = `${packet.protocol}/${words.join()}`;
    let conversation = this.#byKey.get(key);
    if (conversation === undefined) {
      const { protocol } = packet;
      conversation = { protocol, hash: mixWords(protocol, ...words), packets: 0, inBurst: false, lastDueNs: 0 };
      this.#byKey.set(key, conversation);
    }
    return conversation;
  }
}

function chunk(address: Uint8Array): number[] {
  const words: number[] = [];
  for (let index = 0; index < address.length; index += 4) {
    words.push(
      ((address[index] ?? 0) << 24) |
        ((address[index + 1] ?? 0) << 16) |
        ((address[index + 2] ?? 0) << 8) |
        (address[index + 3] ?? 0),
    );
  }
  return words;
}
