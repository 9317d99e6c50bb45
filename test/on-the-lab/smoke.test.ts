import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeTarget } from '../../src/host/settings/describe-target.js';
import { renderHtml } from '../../src/reporters/html.js';
import { readResult } from '../../src/results/file.js';
import type { Result } from '../../src/results/schema.js';
import { cli } from '../cli.js';

const root = new URL('../../results/test/', import.meta.url).pathname;
const requests = 100;

/** Two comparisons of the same seed at the same time, on real kernels. */
const directories = [join(root, 'first'), join(root, 'second')] as const;

async function compare(directory: string): Promise<void> {
  await execa(
    process.execPath,
    [
      cli,
      'compare',
      ...['--methods', 'exclusive', '--seeds', '5', '--requests', `${requests}`],
      ...['--out', directory, '--parallel', '1'],
    ],
    { stdout: 'ignore', stderr: 'inherit' },
  );
}

describe('the lab', () => {
  let results: Result[];

  beforeAll(async () => {
    await rm(root, { recursive: true, force: true });
    // The first fills the cache if it is empty; the second waits for it.
    await Promise.all(directories.map(compare));
    results = await Promise.all(
      directories.map((directory) => readResult(join(directory, 'result.json'))),
    );
  });

  test('answers every request of a run on real kernels, next to bulk traffic', () => {
    const { wire, throughput, cpu } = results[0]?.methods[0]?.sections ?? {};
    const [run] = wire?.runs ?? [];
    expect(run?.responseTimeUs).toMatchObject({ n: requests, lost: 0 });
    expect(run?.responseTimeUs.p50).toBeGreaterThan(0);
    expect(throughput?.mbps.value).toBeGreaterThan(0);
    expect(cpu?.utilization.value).toBeGreaterThan(0);
  });

  test('applied the method and read every setting back', () => {
    const settings = results[0]?.methods[0]?.settings ?? [];
    const targets = settings.map(({ target }) => describeTarget(target)).join('\n');
    for (const part of ['RT interrupt thread', 'RT vNIC', 'RT vCPU', 'heavy vCPU', 'workqueue']) {
      expect(targets).toContain(part);
    }
    expect(settings.filter(({ wanted, actual }) => wanted !== actual)).toEqual([]);
  });

  test('repeats a run bit for bit', async () => {
    const hashes = results.map((result) =>
      Object.fromEntries(
        result.methods.flatMap(({ runs }) =>
          runs.flatMap(({ artifacts }) => artifacts.map(({ path, sha256 }) => [path, sha256])),
        ),
      ),
    );
    expect(Object.keys(hashes[0] ?? {})).toContain('exclusive/seed-5/rt.pcap');
    expect(hashes[1]).toEqual(hashes[0]);
    for (const name of [
      'result.json',
      'exclusive/seed-5/console.log',
      'exclusive/seed-5/samples.csv',
    ]) {
      const [first, second] = await Promise.all(
        directories.map(async (directory) =>
          createHash('sha256')
            .update(await readFile(join(directory, name)))
            .digest('hex'),
        ),
      );
      expect(second, name).toBe(first);
    }
  });

  test('wrote the report that belongs to the result', async () => {
    const [result] = results;
    if (result === undefined) throw new Error('there is no result');
    expect(await readFile(join(directories[0], 'report.html'), 'utf8')).toBe(
      await renderHtml(result),
    );
  });
});
