import fc from 'fast-check';
import { clockModes } from '../../src/plan/clock.js';
import type { RunSpec } from '../../src/plan/run-spec.js';
import { rtServerPlaces } from '../../src/plan/topology.js';

/** JSON as a value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

const text = fc.string({ unit: 'grapheme', maxLength: 10 });
const count = fc.nat(1_000_000);
const series = fc.constantFrom('stable', 'backports', 'debug');
const place = fc.constantFrom(...rtServerPlaces);

/** A part of a spec that is another module's, with these members and any others. */
function partWith<Members extends object>(
  members: { [Name in keyof Members]: fc.Arbitrary<Members[Name]> },
): fc.Arbitrary<Members> {
  // A schema drops a member of this name: no value can be given one by accident.
  const name = text.filter((one) => one !== '__proto__');
  const others = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>, {
    maxKeys: 4,
    noNullPrototype: true,
  });
  return fc
    .tuple(others, fc.record<Members>(members))
    .map(([rest, own]) => JSON.parse(JSON.stringify({ ...rest, ...own })) as Members);
}

/** Any spec that its schema takes. */
export const anySpec: fc.Arbitrary<RunSpec> = fc.record({
  schema: fc.constant('evenkeel.run-spec/1' as const),
  method: fc.record(
    {
      ...{ id: text, title: text, summary: text, rtServer: place },
      kernel: fc.constantFrom('rt' as const, 'non-rt' as const),
      settings: fc.array(partWith<{ kind: string; why: string }>({ kind: text, why: text }), {
        maxLength: 3,
      }),
    },
    { requiredKeys: ['id', 'title', 'summary', 'kernel', 'settings'], noNullPrototype: true },
  ),
  conditions: fc.record(
    {
      ...{ hostCpus: count, rtVms: count, heavyVms: count, busyCpu: count },
      ...{ hostMemoryMiB: count, guestMemoryMiB: count, rtServer: place },
      ...{ kernels: series, guestKernel: series, clock: fc.constantFrom(...clockModes) },
    },
    {
      requiredKeys: [
        ...(['hostCpus', 'rtVms', 'heavyVms', 'hostMemoryMiB', 'guestMemoryMiB'] as const),
        ...(['rtServer', 'kernels', 'guestKernel', 'clock'] as const),
      ],
      noNullPrototype: true,
    },
  ),
  workload: partWith<{ name: string }>({ name: text }),
  instruments: fc.array(partWith<{ name: string }>({ name: text }), { maxLength: 3 }),
  seed: count,
}) as fc.Arbitrary<RunSpec>;

/** The same value with the members of each object in the opposite order. */
export function withReversedMembers(value: Json): Json {
  if (Array.isArray(value)) return value.map(withReversedMembers);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, one]) => [name, withReversedMembers(one)]);
  return Object.fromEntries(members.toReversed());
}
