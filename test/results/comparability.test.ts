import { describe, expect, test } from 'vitest';
import { requireOneMethod, sharedConditions } from '../../src/results/comparability.js';
import { type SyntheticRun, syntheticFacts, syntheticMethod } from '../synthetic-run.js';

const wall = { kind: 'wall-emulated', nsPerInstruction: null } as const;
const exclusive = { method: syntheticMethod('exclusive') };

function factsOf(...runs: readonly SyntheticRun[]) {
  return runs.map(syntheticFacts);
}

describe('requireOneMethod', () => {
  test('gives the facts of the lowest seed', () => {
    const runs = factsOf({ spec: { seed: 1 } }, { spec: { seed: 2 } });
    expect(requireOneMethod(runs)).toBe(runs[0]);
  });

  test('rejects no run, and a seed that is there twice', () => {
    expect(() => requireOneMethod([])).toThrow(
      'expected at least one run of each method, got none',
    );
    expect(() => requireOneMethod(factsOf({}, {}))).toThrow('threaded: two runs have seed 1');
  });

  test.each<[string, SyntheticRun]>([
    ['clock', { manifest: { clock: wall } }],
    ['kernel', { manifest: { kernel: '6.13-rt' } }],
    ['method', { spec: { method: syntheticMethod('threaded', 'Threaded interrupts') } }],
    ['environment', { conditions: { guestMemoryMiB: 256 } }],
    ['environment', { manifest: { hashes: { 'host image': 'b'.repeat(64) } } }],
    ['instruments', { spec: { instruments: [{ name: 'wire' }] } }],
    ['workload', { spec: { workload: { name: 'udp-echo', requests: 5 } } }],
  ])('rejects runs that differ in their %s', (field, change) => {
    const other = { ...change, spec: { ...change.spec, seed: 2 } };
    expect(() => requireOneMethod(factsOf({}, other))).toThrow(
      `threaded: seeds 1 and 2 differ in their ${field}`,
    );
  });
});

describe('sharedConditions', () => {
  test('unites versions and hashes of methods that need other images', () => {
    const versions = { 'rt kernel': '6.12' };
    const runs = factsOf({}, { spec: exclusive, manifest: { versions } });
    expect(sharedConditions(runs).environment.versions).toEqual({
      emulator: '10.0.2',
      'rt kernel': '6.12',
    });
  });

  test('rejects methods that were run under different conditions', () => {
    const conditionsOf = (change: SyntheticRun) =>
      sharedConditions(factsOf({}, { ...change, spec: { ...exclusive, ...change.spec } }));
    expect(() => conditionsOf({ manifest: { clock: wall } })).toThrow(
      'threaded and exclusive cannot be compared: their clock differs',
    );
    expect(() => conditionsOf({ spec: { workload: { name: 'sip' } } })).toThrow(
      'threaded and exclusive cannot be compared: their workload differs',
    );
    expect(() => conditionsOf({ conditions: { guestMemoryMiB: 256 } })).toThrow(
      'methods cannot be compared: their environments differ',
    );
    expect(() => conditionsOf({ manifest: { versions: { emulator: '10.1' } } })).toThrow(
      'methods cannot be compared: their environments differ',
    );
  });

  test('rejects a comparison of nothing', () => {
    expect(() => sharedConditions([])).toThrow('expected at least one method to compare, got none');
  });
});
