import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import type { InversionsSection } from '../../src/instruments/inversions/schema.js';
import { parseValidatedJson } from '../../src/process/json.js';
import { resultSchema } from '../../src/results/schema.js';
import { cli } from '../cli.js';

const directory = new URL('../../results/test-inversions/', import.meta.url).pathname;
/** Without RT threads' own packet buffers, one in five requests waits for others' in the interrupt thread alone. */
const requests = 40;

type Run = InversionsSection['runs'][number];

let threaded: Run | undefined;
let rtSoftirq: Run | undefined;

beforeAll(async () => {
  await rm(directory, { recursive: true, force: true });
  const { stdout } = await execa(
    process.execPath,
    [
      ...[cli, 'inversions', '--methods', 'threaded,rt-softirq', '--seeds', '3', '--json'],
      ...['--requests', `${requests}`, '--heavy-vms', '2', '--out', directory],
    ],
    { stderr: 'inherit' },
  );
  const { methods } = parseValidatedJson('inversions --json', stdout, resultSchema);
  [threaded, rtSoftirq] = methods.map(({ sections }) => sections.inversions?.runs[0]);
});

function countOf(run: Run | undefined, kind: string): number | undefined {
  return run?.inversions.filter((inversion) => inversion.kind === kind).length;
}

test('the trace sees RT work, and where it is left to others', () => {
  expect(threaded?.rtScheduled).toBeGreaterThanOrEqual(requests);
  expect(countOf(threaded, 'preempted-softirq')).toBeGreaterThan(0);
});

test('RT threads with a softirq of their own poll their own work, and nothing else', () => {
  expect(rtSoftirq?.rtScheduled).toBeGreaterThanOrEqual(requests);
  expect(countOf(rtSoftirq, 'preempted-softirq')).toBe(0);
  expect(countOf(rtSoftirq, 'non-rt-work')).toBe(0);
});

test('RT threads do not wait for packet buffers', () => {
  const waits = rtSoftirq?.inversions.filter(({ waitedIn }) => /skb/.test(waitedIn));
  expect(waits).toEqual([]);
});
