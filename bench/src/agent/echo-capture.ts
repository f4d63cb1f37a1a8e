import { openCapture } from '@netsonde/sockets';

/** The round trips on the wire, of each target in sending order. */
export interface EchoCapture {
  /** Ends the capture and returns RTTs by target address, ms; NaN without an answer. */
  stop(): ReadonlyMap<string, readonly number[]>;
}

const REQUEST = 8;
const REPLY = 0;
/** Ethernet header, and IPv4 header without options. */
const IP_AT = 14;
const ICMP_AT = IP_AT + 20;
const READ_MS = 50;

interface Echo {
  readonly sentNs: number;
  rttMs: number;
}

/**
 * Captures ICMP echoes over IPv4 on an Ethernet device of this process's network namespace. It polls the socket and
 * never sleeps on it: a reader that the kernel wakes delays the very packet that it observes.
 */
export function captureEchoes(device: string): EchoCapture {
  const capture = openCapture(device);
  const echoes = new Map<string, Echo>();
  const targets = new Map<string, Echo[]>();
  const read = () => {
    for (const { atNs, bytes } of capture.read()) {
      const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      if (frame.length < ICMP_AT + 8 || frame.readUInt16BE(12) !== 0x0800 || frame[IP_AT + 9] !== 1) continue;
      const type = frame[ICMP_AT];
      const target = addressAt(frame, type === REQUEST ? IP_AT + 16 : IP_AT + 12);
      const key = `${target} ${frame.readUInt32BE(ICMP_AT + 4)}`;
      if (type === REQUEST) sent(target, key, atNs);
      const echo = type === REPLY ? echoes.get(key) : undefined;
      if (echo === undefined) continue;
      echo.rttMs = (atNs - echo.sentNs) / 1e6;
      echoes.delete(key);
    }
  };
  const sent = (target: string, key: string, sentNs: number) => {
    const echo: Echo = { sentNs, rttMs: Number.NaN };
    echoes.set(key, echo);
    const list = targets.get(target);
    if (list === undefined) targets.set(target, [echo]);
    else list.push(echo);
  };
  const timer = setInterval(read, READ_MS);
  return {
    stop() {
      clearInterval(timer);
      read();
      capture.close();
      return new Map([...targets].map(([target, list]) => [target, list.map(({ rttMs }) => rttMs)]));
    },
  };
}

const addressAt = (frame: Buffer, at: number) => frame.subarray(at, at + 4).join('.');
