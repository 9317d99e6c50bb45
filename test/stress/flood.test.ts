import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../cli.js';

const directory = new URL('../../results/stress/flood/', import.meta.url).pathname;

interface Measurement {
  /** Percent of the time that a normal thread ran which wants all of it. */
  readonly worker: number;
  /** That RT polling took from the NIC. */
  readonly packets: number;
  /** Of ten looks at ek_softirq_rt/N, those that found a normal thread. */
  readonly normal: number;
}

describe('the RT NIC is flooded on a CPU where normal work is to be done', () => {
  let log: string;

  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await runCli(
      [
        ...['run', '--method', 'rt-softirq', '--rt-server', 'host', '--heavy-vms', '0'],
        ...['--requests', '500', '--out', directory],
        ...['--host-script', new URL('flood.sh', import.meta.url).pathname],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    log = await readFile(join(directory, 'host-script.log'), 'utf8');
  });

  function measured(moment: string): Measurement {
    const [, worker, packets, normal] =
      new RegExp(`^${moment}: worker (\\d+) packets (\\d+) normal (\\d+)$`, 'm').exec(log) ?? [];
    return { worker: Number(worker), packets: Number(packets), normal: Number(normal) };
  }

  test('without a budget, polling at RT priority leaves it nothing but what the scheduler keeps for it', () => {
    const { worker, packets, normal } = measured('unlimited');
    expect(packets).toBeGreaterThan(1000);
    expect(normal).toBe(0);
    // The fair server: 5 %.
    expect(worker).toBeLessThan(15);
  });

  test('with the default budget, normal work has its share, and packets are still received', () => {
    const { worker, packets, normal } = measured('limited');
    expect(packets).toBeGreaterThan(1000);
    expect(normal).toBeGreaterThan(5);
    expect(worker).toBeGreaterThan(20);
  });

  test('before and after the flood, the thread has its RT priority', () => {
    expect(measured('quiet').normal).toBe(0);
    expect(log).toMatch(/^after: SCHED_FIFO 50 $/m);
  });

  test('the thread has the priority that it is given, also after its CPU was offline', () => {
    expect(log).toMatch(/^set: SCHED_FIFO 60 $/m);
    expect(log).toMatch(/^online again: SCHED_FIFO 60 $/m);
  });

  test("and the kernel's log has no warning", async () => {
    const kernelLog = await readFile(join(directory, 'kernel.log'), 'utf8');
    expect(kernelLog).toMatch(/ek_softirq: .*refuses live patches/);
    expect(kernelLog).not.toMatch(/WARNING|BUG|Oops|Call Trace|stall|blocked for more than/);
  });
});
