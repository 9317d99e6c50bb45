import type { Distribution } from '../../../src/statistics/distribution.ts';

export interface Bin {
  readonly fromUs: number;
  readonly toUs: number;
  readonly count: number;
}

export function binsOf({ binUs, fromUs, counts }: Distribution): Bin[] {
  return counts.map((count, bin) => {
    const from = fromUs[bin] ?? 0;
    return { fromUs: from, toUs: from + (binUs[bin] ?? 0), count };
  });
}

/** Adds neighbouring bins together until each ends at least `factor` times as far as it begins. */
export function coarsen(bins: readonly Bin[], factor: number): Bin[] {
  const coarse: Bin[] = [];
  for (const bin of bins) {
    const last = coarse.at(-1);
    if (last === undefined || last.toUs >= last.fromUs * factor) coarse.push(bin);
    else coarse[coarse.length - 1] = { ...last, toUs: bin.toUs, count: last.count + bin.count };
  }
  return coarse;
}
