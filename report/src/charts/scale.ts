/** Maps values to pixels along one axis. */
export interface Scale {
  readonly range: readonly [number, number];
  at(value: number): number;
}

type Extent = readonly [number, number];

export function linearScale([from, to]: Extent, range: Extent): Scale {
  const [start, end] = range;
  return { range, at: (value) => start + ((value - from) / (to - from)) * (end - start) };
}

/** Both ends of the domain have to be positive. */
export function logScale([from, to]: Extent, range: Extent): Scale {
  const exponents = linearScale([Math.log10(from), Math.log10(to)], range);
  return { range, at: (value) => exponents.at(Math.log10(value)) };
}

/**
 * Round values from 0 to the first one at or above `max`, in at most `count` steps. An axis needs a
 * length, so it ends at 1 if all there is to show is 0.
 */
export function linearTicks(max: number, count: number): number[] {
  const end = max > 0 ? max : 1;
  const step = roundStep(end / count);
  // Whole multiples, because adding up a step like 0.1 would drift.
  const steps = Math.ceil(end / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, index) => index * step);
}

/** The smallest of 1, 2 or 5 times a power of ten that is not below `size`. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= size) ?? 10;
  return factor * power;
}

/**
 * 1, 2 and 5 times the powers of ten, from the last at or below `min` to the first at or above `max`; all whole
 * multiples of them where that would be two or three.
 */
export function logTicks(min: number, max: number): number[] {
  const coarse = multiplesOfPowers(min, max, [1, 2, 5]);
  return coarse.length > 3 ? coarse : multiplesOfPowers(min, max, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

function multiplesOfPowers(min: number, max: number, factors: readonly number[]): number[] {
  const first = Math.floor(Math.log10(min));
  const last = Math.ceil(Math.log10(max));
  const candidates = Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap(
    (exponent) => factors.map((factor) => factor * 10 ** exponent),
  );
  const start = candidates.findLastIndex((tick) => tick <= min);
  const end = candidates.findIndex((tick) => tick >= max && tick > min);
  return candidates.slice(start, end + 1);
}

/** Those of a logarithmic axis that have room for a number: all, or else only the powers of ten. */
export function labelledTicks(ticks: readonly number[], count: number): number[] {
  if (ticks.length <= count) return [...ticks];
  const powers = ticks.filter((tick) => Math.abs(Math.log10(tick) % 1) < 1e-9);
  return powers.length > 1 ? powers : [ticks.at(0) ?? 1, ticks.at(-1) ?? 1];
}
