import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { matchResponses, type ResponseSample } from '../../src/analysis/response-times.js';
import { readPcap } from '../../src/capture/pcap.js';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const script = new URL('softirq.sh', import.meta.url).pathname;
const directory = new URL('../../results/stress/', import.meta.url).pathname;

const cycles = 200;
/** They take longer than all cycles. */
const requests = 100_000;

let log: string[];
let samples: readonly ResponseSample[];

beforeAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await execa(
    process.execPath,
    [
      ...[cli, 'run', '--method', 'threaded', '--requests', `${requests}`],
      ...['--host-script', script, '--out', directory],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  log = (await readFile(join(directory, 'host-script.log'), 'utf8')).trimEnd().split('\n');
  ({ samples } = matchResponses(readPcap(await readFile(join(directory, 'rt.pcap')))));
});

test('ek_softirq is loaded, switched and unloaded under traffic, cycle after cycle', () => {
  expect(log.filter((line) => line.startsWith('cycle '))).toHaveLength(cycles);
  expect(log.at(-1)).toMatch(/^after: scheduled [1-9]\d* polls [1-9]\d* /);
});

test("the kernel's log has no warning", async () => {
  const kernelLog = await readFile(join(directory, 'kernel.log'), 'utf8');
  expect(kernelLog).not.toMatch(/WARNING|BUG|Oops|Call Trace|stall|blocked for more than/);
});

test('traffic flows as before when it is over', () => {
  const last = samples.slice(-1000).map(({ sequence }) => sequence);
  expect(last).toEqual(Array.from({ length: 1000 }, (_, index) => requests - 1000 + index));
});
