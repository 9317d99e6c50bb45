import { expect, test } from 'vitest';
import { paperCaches } from '../../src/instruments/caches/geometry.js';
import type { Conditions } from '../../src/plan/conditions.js';
import { defaultConditions } from '../../src/plan/conditions.js';
import { repeatCommand } from '../../src/results/repeat-command.js';
import type { RunFacts } from '../../src/run-folder/facts.js';
import { defaultWorkload } from '../../src/workloads/registry.js';
import { syntheticFacts, syntheticMethod } from '../synthetic-run.js';

/** A run with the defaults of `compare`. */
function runOf(id: string, seed: number, conditions: Partial<Conditions> = {}): RunFacts {
  return syntheticFacts({
    spec: { method: syntheticMethod(id), seed, workload: defaultWorkload },
    conditions: { ...defaultConditions, ...conditions },
  });
}

test('names each method and each seed once', () => {
  const runs = [2, 1].flatMap((seed) => [runOf('vanilla', seed), runOf('threaded', seed)]);
  expect(repeatCommand(runs)).toBe('evenkeel compare --methods vanilla,threaded --seeds 1,2');
});

test('sorts seeds as numbers', () => {
  const runs = [10, 9, 100].map((seed) => runOf('vanilla', seed));
  expect(repeatCommand(runs)).toBe('evenkeel compare --methods vanilla --seeds 9,10,100');
});

test('names the requests if they are not as many as by default', () => {
  const workload = { ...defaultWorkload, requests: 5455 };
  expect(repeatCommand([{ ...runOf('vanilla', 1), workload }])).toBe(
    'evenkeel compare --methods vanilla --seeds 1 --requests 5455',
  );
});

test.each<[string, Partial<Conditions>]>([
  ['--host-cpus 4', { hostCpus: 4 }],
  ['--rt-vms 3', { rtVms: 3 }],
  ['--heavy-vms 0', { heavyVms: 0 }],
  ['--rt-server host', { rtServer: 'host' }],
  ['--host-memory 8192', { hostMemoryMiB: 8192 }],
  ['--guest-memory 256', { guestMemoryMiB: 256 }],
  ['--kernels stable', { kernels: 'stable', guestKernel: 'stable' }],
  ['--kernels sid', { kernels: 'sid', guestKernel: 'sid' }],
  ['--kernels debug', { kernels: 'debug', guestKernel: 'backports' }],
  ['--guest-kernel oldstable', { guestKernel: 'oldstable' }],
  ['--kernels stable --guest-kernel backports', { kernels: 'stable', guestKernel: 'backports' }],
])('names what differs from the default: %s', (option, change) => {
  expect(repeatCommand([runOf('vanilla', 1, change)])).toBe(
    `evenkeel compare --methods vanilla --seeds 1 ${option}`,
  );
});

test.each<[string, RunFacts['clock']]>([
  ['', { kind: 'instructions', nsPerInstruction: 6 }],
  [' --clock wall', { kind: 'wall-emulated', nsPerInstruction: null }],
  [' --accel kvm', { kind: 'nested', nsPerInstruction: null }],
])('names the clock:%s', (option, clock) => {
  expect(repeatCommand([{ ...runOf('vanilla', 1), clock }])).toBe(
    `evenkeel compare --methods vanilla --seeds 1${option}`,
  );
});

test.each(['path', 'inversions'])(
  'is %s where the runs had that instrument, with the requests, whose default is its own',
  (name) => {
    const { instruments, ...run } = runOf('vanilla', 1);
    expect(repeatCommand([{ ...run, instruments: [...instruments, { name }] }])).toBe(
      `evenkeel ${name} --methods vanilla --seeds 1 --requests 1000`,
    );
  },
);

test('names the caches that were modelled, if they are not those of the paper', () => {
  const { instruments, ...run } = runOf('vanilla', 1);
  const commandWith = (caches: typeof paperCaches) =>
    repeatCommand([{ ...run, instruments: [...instruments, { name: 'caches', caches }] }]);
  const command = 'evenkeel caches --methods vanilla --seeds 1 --requests 1000';
  expect(commandWith(paperCaches)).toBe(command);
  expect(commandWith({ ...paperCaches, shared: { bytes: 2 ** 25, ways: 16 } })).toBe(
    `${command} --llc 32768K:16`,
  );
});

test('of no runs is the command without options', () => {
  expect(repeatCommand([])).toBe('evenkeel compare');
});
