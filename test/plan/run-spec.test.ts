import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  instrumentPart,
  type RunSpec,
  rtServerPlaceOf,
  runSpecDigest,
  runSpecSchema,
} from '../../src/plan/run-spec.js';
import { syntheticMethod, syntheticSpec } from '../synthetic-run.js';
import { anySpec, type Json, withReversedMembers } from './any-spec.js';

describe('a spec', () => {
  test('is the same after it was JSON', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        expect(runSpecSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
      }),
    );
  });

  test('has an identity that does not depend on the order of its members', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const other = withReversedMembers(spec as Json) as RunSpec;
        expect(runSpecDigest(other)).toBe(runSpecDigest(spec));
      }),
    );
  });

  test('has an identity that survives JSON and its schema', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const read = runSpecSchema.parse(JSON.parse(JSON.stringify(spec)));
        expect(runSpecDigest(read)).toBe(runSpecDigest(spec));
      }),
    );
  });

  const { method, conditions, workload, instruments } = syntheticSpec;
  test.each<[string, Partial<RunSpec>]>([
    ['method', { method: { ...method, id: 'other' } }],
    ['settings', { method: { ...method, settings: [] } }],
    ['kernel', { method: { ...method, kernel: 'non-rt' } }],
    ['conditions', { conditions: { ...conditions, guestMemoryMiB: 129 } }],
    ['optional condition', { conditions: { ...conditions, busyCpu: 0 } }],
    ['workload', { workload: { ...workload, name: 'other' } }],
    ['option of the workload', { workload: { ...workload, requests: 5 } }],
    ['instruments', { instruments: instruments.slice(1) }],
    ['order of the instruments', { instruments: instruments.toReversed() }],
    ['option of an instrument', { instruments: [{ name: 'wire', more: 1 }] }],
    ['seed', { seed: 2 }],
  ])('has an identity that depends on its %s', (_part, change) => {
    expect(runSpecDigest({ ...syntheticSpec, ...change })).not.toBe(runSpecDigest(syntheticSpec));
  });
});

describe('the schema of specs', () => {
  const names = Object.keys(syntheticSpec) as (keyof RunSpec)[];

  test.each(names)('refuses a spec without its %s', (name) => {
    const { [name]: _left, ...others } = syntheticSpec;
    expect(runSpecSchema.safeParse(others).success).toBe(false);
  });

  const { method, conditions } = syntheticSpec;
  test.each<[string, object]>([
    ['an unknown part', { more: 1 }],
    ['another version', { schema: 'evenkeel.run-spec/2' }],
    ['an unknown part of a method', { method: { ...method, more: 1 } }],
    ['a kernel that there is not', { method: { ...method, kernel: 'rtai' } }],
    ['a setting without a reason', { method: { ...method, settings: [{ kind: 'file' }] } }],
    ['an unknown condition', { conditions: { ...conditions, more: 1 } }],
    ['a workload without a name', { workload: { requests: 4 } }],
    ['an instrument without a name', { instruments: [{}] }],
    ['a negative seed', { seed: -1 }],
    ['a broken seed', { seed: 1.5 }],
  ])('refuses %s', (_what, change) => {
    expect(runSpecSchema.safeParse({ ...syntheticSpec, ...change }).success).toBe(false);
  });
});

test('an instrument is found by its name', () => {
  const spec = {
    ...syntheticSpec,
    instruments: [{ name: 'wire' }, { name: 'path', probes: 'all' }],
  };
  expect(instrumentPart(spec, 'path')).toEqual({ name: 'path', probes: 'all' });
  expect(instrumentPart(spec, 'cpu')).toBeUndefined();
});

test('where the RT servers run is for the method to say, then for the conditions', () => {
  const conditions = { ...syntheticSpec.conditions, rtServer: 'namespace' } as const;
  const method = syntheticMethod('m');
  expect(rtServerPlaceOf({ method, conditions })).toBe('namespace');
  expect(rtServerPlaceOf({ method: { ...method, rtServer: 'host' }, conditions })).toBe('host');
});
