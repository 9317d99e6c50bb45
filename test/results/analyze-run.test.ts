import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../src/results/analyze-run.js';
import { runSchema } from '../../src/results/schema.js';
import { type SyntheticRun, temporaryDirectory, writeRunDirectory } from '../run-directory.js';

async function runDirectory(run: SyntheticRun = {}): Promise<string> {
  const directory = await temporaryDirectory();
  await writeRunDirectory(directory, run);
  return directory;
}

describe('analyzeRun', () => {
  test('computes the figures of a run from its artifacts', async () => {
    const { run, result, samples, samplesNs } = await analyzeRun(await runDirectory());
    expect(run.method.id).toBe('threaded');
    expect(samplesNs).toEqual(Float64Array.of(4000, 1000, 3000, 2000));
    expect(samples[1]).toEqual({
      sequence: 1,
      requestNs: 1_001_000_000n,
      responseTimeNs: 1000n,
    });
    expect(runSchema.parse(result)).toMatchObject({
      seed: 1,
      responseTimeUs: {
        n: 4,
        lost: 0,
        mean: 2.5,
        p50: 2,
        p99: 4,
        p999: 4,
        max: 4,
        sd: expect.closeTo(Math.sqrt(5 / 3), 12),
      },
      heavyMbps: 3,
      heavyMbpsPerVm: [1, 2],
      cpuUtilization: 0.35,
      cpuTime: [
        { cpu: 0, user: 0.1, system: 0.1, irq: 0.04, softirq: 0.06, guest: 0.4, idle: 0.3 },
        { cpu: 1, user: 0, system: 0, irq: 0, softirq: 0, guest: 0, idle: 1 },
      ],
      threadClasses: [{ class: 'RT vCPU', utilization: 0.2 }],
    });
  });

  test('hashes the artifacts, with paths relative to the result', async () => {
    const root = await temporaryDirectory();
    const directory = join(root, 'threaded', 'seed-1');
    await writeRunDirectory(directory);
    const { artifacts } = (await analyzeRun(directory, root)).result;
    const capture = await readFile(join(directory, 'rt.pcap'));
    expect(artifacts).toHaveLength(8);
    expect(artifacts[1]).toEqual({
      path: 'threaded/seed-1/rt.pcap',
      sha256: createHash('sha256').update(capture).digest('hex'),
    });
  });

  test.each([
    ['rt.pcap', 'rt.pcap: pcap header at offset 0: expected 24 bytes'],
    ['heavy-1.jsonl', 'heavy-1.jsonl: line 1: expected JSON'],
    ['proc-stat.after', 'proc-stat.after: CPU 0 is not in both readings'],
  ])('names %s if it is empty', async (name, message) => {
    const directory = await runDirectory();
    await writeFile(join(directory, name), '');
    await expect(analyzeRun(directory)).rejects.toThrow(join(directory, message));
  });
});
