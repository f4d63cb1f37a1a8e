import { z } from 'zod';
import { dscpField, familyField, RESOLVE_SECONDS, timeoutField } from '../contract/common-options.ts';
import { declareProbe, type OptionsOf } from '../contract/descriptor.ts';
import { tcpMetrics } from './metrics.ts';

const HEADER_BYTES = 60;
const HANDSHAKE_PACKETS = 5;
const MOST_SYNS = 6;
/** Upper bounds of a generated sentence, for the cost. */
const SENTENCE_BYTES = 200;

const options = z.strictObject({
  timeoutSeconds: timeoutField(5, 'Longest wait for the connection, and again for the echo'),
  family: familyField(),
  echo: z.enum(['none', 'text', 'lorem']).default('none').meta({
    label: 'Echo test',
    description: 'What to send to an echo service and expect back: nothing, the text below, or fresh lorem sentences',
  }),
  send: z.string().min(1).max(4096).default('netsonde').meta({
    label: 'Text',
    description: 'Sent with a line end behind it and expected back byte by byte, when the echo test is "text"',
  }),
  sentences: z.int().min(1).max(50).default(3).meta({
    label: 'Sentences',
    description: 'How many sentences a run makes up, when the echo test is "lorem"',
    advanced: true,
  }),
  dscp: dscpField(),
});

/** Connects to a TCP port and reads the kernel's data on that connection; can exchange a text with an echo service. */
export const tcp = declareProbe({
  id: 'tcp',
  label: 'TCP connection',
  summary: 'Connects to a TCP port, reads what the kernel knows of the connection, and can verify an echo',
  target: { form: 'host:port' },
  options,
  metrics: tcpMetrics,
  samples: [],
  instance: null,
  needs: [],
  cost: ({ echo, send, sentences, timeoutSeconds }) => {
    const payload = echo === 'none' ? 0 : echo === 'text' ? 3 * send.length + 1 : sentences * SENTENCE_BYTES;
    const packets = HANDSHAKE_PACKETS + MOST_SYNS + 2 * Math.ceil(payload / 500);
    return {
      packets,
      bytes: 2 * (packets * HEADER_BYTES + payload),
      seconds: RESOLVE_SECONDS + timeoutSeconds * (echo === 'none' ? 1 : 2) + 1,
      leastSeconds: 0,
      resolvingSeconds: RESOLVE_SECONDS,
    };
  },
});

export type TcpOptions = OptionsOf<typeof tcp>;
