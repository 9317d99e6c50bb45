import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AgentJob, agentJobSchema, shellPlaces, testbedOf } from '../../src/plan/job.js';
import { syntheticSpec } from '../synthetic-run.js';
import { anySpec } from './any-spec.js';

const { method, conditions } = syntheticSpec;
const run: AgentJob = { kind: 'run', spec: syntheticSpec };
const command: AgentJob = { kind: 'command', method, conditions, command: ['true'] };
const shell: AgentJob = {
  ...{ kind: 'shell', method, conditions, place: 'rt' },
  terminal: { rows: 24, columns: 80, type: 'xterm' },
};

describe('a job', () => {
  test('is the same on the other side of the JSON', () => {
    const anyJob = anySpec.chain((spec) => {
      const testbed = {
        method: fc.constant(spec.method),
        conditions: fc.constant(spec.conditions),
      };
      const positive = fc.integer({ min: 1, max: 10_000 });
      return fc.oneof(
        fc.constant({ kind: 'run' as const, spec }),
        fc.record(
          {
            ...{ kind: fc.constant('command' as const), ...testbed },
            command: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
            outside: fc.string({ unit: 'grapheme' }),
          },
          { requiredKeys: ['kind', 'method', 'conditions', 'command'], noNullPrototype: true },
        ),
        fc.record(
          {
            ...{ kind: fc.constant('shell' as const), ...testbed },
            place: fc.constantFrom(...shellPlaces),
            terminal: fc.record(
              { rows: positive, columns: positive, type: fc.string() },
              { noNullPrototype: true },
            ),
          },
          { noNullPrototype: true },
        ),
      );
    });
    fc.assert(
      fc.property(anyJob, (job) => {
        const read = agentJobSchema.parse(JSON.parse(JSON.stringify(job)));
        expect(read).toEqual(job);
        const { method: its, conditions: theirs } = job.kind === 'run' ? job.spec : job;
        expect(testbedOf(read)).toMatchObject({ method: its, conditions: theirs });
      }),
    );
  });

  test.each([run, command, shell])('of kind $kind is one', (job) => {
    expect(agentJobSchema.parse(job)).toEqual(job);
  });

  test.each<[string, object]>([
    ['of no kind', { spec: syntheticSpec }],
    ['of an unknown kind', { ...run, kind: 'reboot' }],
    ['with an unknown member', { ...run, more: 1 }],
    ['without a spec', { kind: 'run' }],
    ['with a spec that is none', { ...run, spec: { ...syntheticSpec, seed: -1 } }],
    ['with a testbed beside the spec', { ...run, method, conditions }],
    ['without a command', { ...command, command: undefined }],
    ['with an empty command', { ...command, command: [] }],
    ['with a method that is none', { ...command, method: { id: 'a' } }],
    ['without conditions', { ...command, conditions: undefined }],
    ['with a terminal without size', { ...shell, terminal: { rows: 0, columns: 80, type: '' } }],
    ['with a place that there is not', { ...shell, place: 'outside' }],
  ])('%s is refused', (_what, job) => {
    expect(agentJobSchema.safeParse(job).success).toBe(false);
  });
});
