import type { InversionsSection } from '../../src/instruments/inversions/schema.ts';

type Run = InversionsSection['runs'][number];
export type Inversion = Run['inversions'][number];

/** How often and for how long RT work waited. */
export interface Waits {
  readonly times: number;
  readonly totalUs: number;
  /** The longest one and the seed of its run; undefined if there was none. */
  readonly worst: { readonly inversion: Inversion; readonly seed: number } | undefined;
}

/** The inversions of one kind in these runs together. */
export function waitsOf(runs: readonly Run[], kind: Inversion['kind']): Waits {
  const found = runs.flatMap(({ seed, inversions }) =>
    inversions
      .filter((inversion) => inversion.kind === kind)
      .map((inversion) => ({ inversion, seed })),
  );
  return {
    times: found.length,
    totalUs: found.reduce((sum, { inversion }) => sum + inversion.us, 0),
    worst: found.toSorted((a, b) => b.inversion.us - a.inversion.us)[0],
  };
}
