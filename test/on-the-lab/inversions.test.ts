import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import type { TracedRun } from '../../src/instruments/inversions/traced-run.js';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const directory = new URL('../../results/test-inversions/', import.meta.url).pathname;
/** Without RT threads' own packet buffers, one in five requests waits for others' in the interrupt thread alone. */
const requests = 40;

let threaded: TracedRun;
let rtSoftirq: TracedRun;

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
  [threaded, rtSoftirq] = (JSON.parse(stdout) as { runs: [TracedRun, TracedRun] }).runs;
});

function countOf({ report }: TracedRun, kind: string): number {
  return report.inversions.filter((inversion) => inversion.kind === kind).length;
}

test('the trace sees RT work, and where it is left to others', () => {
  expect(threaded.report.rtScheduled).toBeGreaterThanOrEqual(requests);
  expect(countOf(threaded, 'preempted-softirq')).toBeGreaterThan(0);
});

test('RT threads with a softirq of their own poll their own work, and nothing else', () => {
  expect(rtSoftirq.report.rtScheduled).toBeGreaterThanOrEqual(requests);
  expect(countOf(rtSoftirq, 'preempted-softirq')).toBe(0);
  expect(countOf(rtSoftirq, 'non-rt-work')).toBe(0);
});

test('RT threads do not wait for packet buffers', () => {
  const waits = rtSoftirq.report.inversions.filter(({ waitedIn }) => /skb/.test(waitedIn));
  expect(waits).toEqual([]);
});
