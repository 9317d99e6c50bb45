import { expect, test } from 'vitest';
import { defaultOptions } from '../../src/plan/conditions.js';
import { repeatCommand } from '../../src/results/repeat-command.js';
import type { RunManifest } from '../../src/run-folder/artifacts.js';
import { syntheticManifest } from '../run-directory.js';

/** A run with the defaults of `compare`. */
function runOf(id: string, seed: number): RunManifest {
  const { size, kernels, guestKernel, hostMemoryMiB, guestMemoryMiB, load } = defaultOptions;
  return {
    ...syntheticManifest,
    method: { id, title: id, settingsSha256: 'd'.repeat(64) },
    seed,
    environment: {
      ...syntheticManifest.environment,
      ...size,
      kernels,
      guestKernel,
      hostMemoryMiB,
      guestMemoryMiB,
    },
    load,
  };
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
  const run = runOf('vanilla', 1);
  const changed = { ...run, load: { ...run.load, requests: 5455 } };
  expect(repeatCommand([changed])).toBe(
    'evenkeel compare --methods vanilla --seeds 1 --requests 5455',
  );
});

test.each<[string, Partial<RunManifest['environment']>]>([
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
  const run = runOf('vanilla', 1);
  const changed = { ...run, environment: { ...run.environment, ...change } };
  expect(repeatCommand([changed])).toBe(`evenkeel compare --methods vanilla --seeds 1 ${option}`);
});

test.each<[string, RunManifest['clock']]>([
  ['', { kind: 'instructions', nsPerInstruction: 6 }],
  [' --clock wall', { kind: 'wall-emulated', nsPerInstruction: null }],
  [' --accel kvm', { kind: 'hardware', nsPerInstruction: null }],
])('names the clock:%s', (option, clock) => {
  expect(repeatCommand([{ ...runOf('vanilla', 1), clock }])).toBe(
    `evenkeel compare --methods vanilla --seeds 1${option}`,
  );
});

test('of no runs is the command without options', () => {
  expect(repeatCommand([])).toBe('evenkeel compare');
});
