import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { matchResponses, type ResponseSample } from '../../src/analysis/response-times.js';
import { readPcap } from '../../src/capture/pcap.js';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;

interface Stress {
  readonly script: string;
  readonly rtServer: 'vm' | 'host';
  readonly cycles: number;
  /** They take longer than all cycles. */
  readonly requests: number;
}

const vm: Stress = { script: 'softirq.sh', rtServer: 'vm', cycles: 200, requests: 100_000 };
const busyPolling: Stress = {
  ...{ script: 'busy-polling.sh', rtServer: 'host' },
  ...{ cycles: 40, requests: 15_000 },
};

describe.each([
  ['while NICs, NAPI instances and CPUs come and go', vm],
  ['while a socket polls the RT NIC', busyPolling],
])('ek_softirq is loaded, switched and unloaded under traffic %s', (_, stress) => {
  const { script, rtServer, cycles, requests } = stress;
  const directory = new URL(`../../results/stress/${rtServer}/`, import.meta.url).pathname;
  let log: string[];
  let samples: readonly ResponseSample[];

  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await execa(
      process.execPath,
      [
        ...[cli, 'run', '--method', 'threaded', '--rt-server', rtServer],
        ...['--requests', `${requests}`, '--out', directory],
        ...['--host-script', new URL(script, import.meta.url).pathname],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    log = (await readFile(join(directory, 'host-script.log'), 'utf8')).trimEnd().split('\n');
    ({ samples } = matchResponses(readPcap(await readFile(join(directory, 'rt.pcap')))));
  });

  test('cycle after cycle', () => {
    expect(log.filter((line) => line.startsWith('cycle '))).toHaveLength(cycles);
    expect(log.at(-1)).toMatch(/^after: scheduled [1-9]\d* polls [1-9]\d* /);
  });

  test("and the kernel's log has no warning", async () => {
    const kernelLog = await readFile(join(directory, 'kernel.log'), 'utf8');
    expect(kernelLog).not.toMatch(/WARNING|BUG|Oops|Call Trace|stall|blocked for more than/);
  });

  test('and traffic flows as before when it is over', () => {
    const last = samples.slice(-1000).map(({ sequence }) => sequence);
    expect(last).toEqual(Array.from({ length: 1000 }, (_, index) => requests - 1000 + index));
  });
});

test('the socket did poll', async () => {
  const log = await readFile(
    new URL('../../results/stress/host/host-script.log', import.meta.url),
    'utf8',
  );
  expect(Number(/busy_polled (\d+)\n$/.exec(log)?.[1])).toBeGreaterThan(busyPolling.cycles);
});
