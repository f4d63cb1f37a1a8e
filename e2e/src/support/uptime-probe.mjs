/** A probe that exists in this suite only: how long the agent's host has been up, read from the kernel. */
import { readFile } from 'node:fs/promises';
import { declareProbe } from '@netsonde/probes/catalog';
import { declareRunner } from '@netsonde/probes/runtime';
import { z } from 'zod';

const common = { aggregate: 'last', better: 'neither', source: 'proc_uptime(5), proc_version(5)' };

export const descriptor = declareProbe({
  id: 'uptime',
  label: 'Time since boot',
  summary: 'Reads how long the host of the agent has been up',
  target: { form: 'host' },
  options: z.object({
    file: z
      .enum(['/proc/uptime', '/proc/missing'])
      .default('/proc/uptime')
      .meta({ label: 'Kernel file', description: 'What is read' }),
    factor: z
      .number()
      .min(0.5)
      .max(10)
      .default(1)
      .meta({ label: 'Factor', description: 'What the time is multiplied by', unit: 'times' }),
    remark: z.string().default('none').meta({ label: 'Remark', description: 'Goes into the details', advanced: true }),
  }),
  metrics: [
    {
      ...common,
      id: 'uptime_s',
      label: 'Up for',
      description: 'Time since the kernel started',
      kind: 'float',
      unit: 's',
      headline: true,
    },
    {
      ...common,
      id: 'kernel_release',
      label: 'Kernel release',
      description: 'What the kernel calls itself',
      kind: 'text',
      unit: null,
    },
    {
      ...common,
      id: 'battery_pct',
      label: 'Battery',
      description: 'A thing that this probe never has',
      kind: 'float',
      unit: 'pct',
    },
  ],
  samples: [],
  instance: null,
  needs: [],
  cost: () => ({ packets: 0, bytes: 0, seconds: 1, leastSeconds: 0, resolvingSeconds: 0 }),
});

export const runner = declareRunner(descriptor, {
  async *run(_context, _target, { file }) {
    const [uptime, release] = await Promise.all([
      readFile(file, 'utf8'),
      readFile('/proc/sys/kernel/osrelease', 'utf8'),
    ]);
    yield { seconds: Number(uptime.split(' ')[0]), release: release.trim() };
  },
  summarize: ([seen], _target, { factor, remark }) => ({
    verdict: 'up',
    metrics: { uptime_s: seen.seconds * factor, kernel_release: seen.release },
    absent: { battery_pct: 'no_device' },
    stamps: { kernel: 0, process: 0 },
    detail: { remark },
  }),
  describe: ({ seconds }) => `up for ${seconds} s`,
});
