import type { Distribution } from '../../../src/statistics/distribution.ts';

export interface Bin {
  readonly fromUs: number;
  readonly toUs: number;
  readonly count: number;
}

/** Adds neighbouring bins together until each is at least `minBinUs` wide. */
export function coarsen({ binUs, fromUs, counts }: Distribution, minBinUs: number): Bin[] {
  const together = Math.max(1, Math.ceil(minBinUs / binUs));
  const widthUs = together * binUs;
  return Array.from({ length: Math.ceil(counts.length / together) }, (_, index) => ({
    fromUs: fromUs + index * widthUs,
    toUs: fromUs + (index + 1) * widthUs,
    count: sum(counts.slice(index * together, (index + 1) * together)),
  }));
}

export function countFrom(bins: readonly Bin[], us: number): number {
  return sum(bins.filter((bin) => bin.fromUs >= us).map((bin) => bin.count));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
