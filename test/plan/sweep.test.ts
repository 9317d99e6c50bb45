import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runSpecSchema } from '../../src/plan/run-spec.js';
import { runsOf } from '../../src/plan/sweep.js';
import { syntheticMethod, syntheticSpec } from '../synthetic-run.js';

const { conditions, workload } = syntheticSpec;

test('has each method with each seed once, seed by seed', () => {
  const anyIds = fc.uniqueArray(fc.string(), { maxLength: 5 });
  fc.assert(
    fc.property(anyIds, fc.uniqueArray(fc.nat(), { maxLength: 5 }), (ids, seeds) => {
      const methods = ids.map((id) => syntheticMethod(id));
      const runs = runsOf({ methods, seeds, conditions, workload, instrumentsOf: () => [] });
      expect(runs.map(({ method, seed }) => [seed, method.id])).toEqual(
        seeds.flatMap((seed) => ids.map((id) => [seed, id])),
      );
      for (const run of runs) {
        expect(runSpecSchema.parse(run)).toEqual(run);
        expect(run).toMatchObject({ conditions, workload });
      }
    }),
  );
});

test('has the instruments that belong to the method', () => {
  const runs = runsOf({
    methods: [syntheticMethod('a'), syntheticMethod('b')],
    seeds: [1],
    ...{ conditions, workload },
    instrumentsOf: ({ method: { id } }) => [{ name: 'path', probes: id }],
  });
  expect(runs.map(({ instruments }) => instruments)).toEqual([
    [{ name: 'path', probes: 'a' }],
    [{ name: 'path', probes: 'b' }],
  ]);
});
