import type { Conditions } from './conditions.js';
import type { RunSpec, SpecPart } from './run-spec.js';

/** What a sweep varies, and what all its runs have in common. */
export interface Sweep {
  readonly methods: readonly RunSpec['method'][];
  readonly seeds: readonly number[];
  readonly conditions: Conditions;
  readonly workload: SpecPart;
  readonly instrumentsOf: InstrumentsOf;
}

/** The instruments of a run. They may depend on its method and conditions: probes are where requests pass. */
export type InstrumentsOf = (run: Pick<RunSpec, 'method' | 'conditions'>) => readonly SpecPart[];

/** The runs of a sweep, seed by seed, so that methods can be compared before all seeds have run. */
export function runsOf({ methods, seeds, conditions, workload, instrumentsOf }: Sweep): RunSpec[] {
  return seeds.flatMap((seed) =>
    methods.map((method) => ({
      schema: 'evenkeel.run-spec/1' as const,
      method,
      conditions,
      workload,
      instruments: [...instrumentsOf({ method, conditions })],
      seed,
    })),
  );
}
