import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPcap } from '../../src/traces/pcap.js';
import { matchResponses } from '../../src/workloads/udp-echo/responses.js';
import type { ResponseSample } from '../../src/workloads/workload.js';
import { cli } from '../cli.js';

const environment = process.env;
/** As --kernels has it. */
const { EVENKEEL_KERNELS: kernels = 'backports' } = environment;

/** What the environment says instead: with the debug kernel, all takes much longer. */
function numberFrom(variable: string, standard: number): number {
  return Number(environment[variable] ?? standard);
}

interface Stress {
  readonly script: string;
  readonly rtServer: 'vm' | 'host';
  readonly cycles: number;
  /** They take longer than all cycles. */
  readonly requests: number;
}

const vm: Stress = {
  ...{ script: 'softirq.sh', rtServer: 'vm' },
  cycles: numberFrom('EVENKEEL_CYCLES', 200),
  requests: numberFrom('EVENKEEL_REQUESTS', 100_000),
};
const busyPolling: Stress = {
  ...{ script: 'busy-polling.sh', rtServer: 'host' },
  cycles: numberFrom('EVENKEEL_CYCLES', 40),
  requests: numberFrom('EVENKEEL_REQUESTS', 15_000),
};
/** Of so many requests it is known whether traffic flows. */
const last = 1000;

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
    const hostScript = await withCycles(script, cycles);
    await execa(
      process.execPath,
      [
        ...[cli, 'run', '--method', 'threaded', '--rt-server', rtServer, '--kernels', kernels],
        ...['--requests', `${requests}`, '--out', directory, '--host-script', hostScript],
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

  test.runIf(kernels === 'debug')('and lockdep is still on', () => {
    expect(log.at(-2)).toMatch(/^ debug_locks: +1$/);
  });

  test('and traffic flows as before when it is over', () => {
    const answered = samples.slice(-last).map(({ sequence }) => sequence);
    expect(answered).toEqual(Array.from({ length: last }, (_, index) => requests - last + index));
  });
});

test('the socket did poll', async () => {
  const log = await readFile(
    new URL('../../results/stress/host/host-script.log', import.meta.url),
    'utf8',
  );
  expect(Number(/busy_polled (\d+)\n$/.exec(log)?.[1])).toBeGreaterThan(0);
});

/** The script with another number of cycles, which is a line of it. */
async function withCycles(script: string, cycles: number): Promise<string> {
  const text = await readFile(new URL(script, import.meta.url), 'utf8');
  const folder = new URL('../../results/stress/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const copy = new URL(script, folder);
  await writeFile(copy, text.replace(/^cycles=.*$/m, `cycles=${cycles}`));
  return copy.pathname;
}
