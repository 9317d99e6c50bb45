/**
 * The axis of a percentile plot counts nines, -log10(1 - p): the way from 99 % to 99.9 % is as long
 * as that from 90 % to 99 %, so the tail gets as much room as the body.
 */
export function nines(fraction: number): number {
  return -Math.log10(1 - fraction);
}

/** 50 %, then 90 %, 99 %, ... up to the last one within `maxNines`. */
export function percentileTicks(maxNines: number): number[] {
  const tail = Array.from(
    { length: Math.floor(maxNines + 1e-9) },
    (_, index) => 1 - 10 ** -(index + 1),
  );
  return [0.5, ...tail];
}
