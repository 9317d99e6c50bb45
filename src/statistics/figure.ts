import { z } from 'zod';
import { bootstrapIntervals } from './bootstrap.js';

/** Value over all seeds, and its 95 % bootstrap confidence interval over seeds (null: one seed). */
export const figureSchema = z.strictObject({
  value: z.number(),
  ci95: z.tuple([z.number(), z.number()]).nullable(),
});
export type Figure = z.infer<typeof figureSchema>;

/** Microseconds to the nanosecond, Mbit/s to the kbit/s. */
export const figureDecimals = 3;
export const fractionDecimals = 6;

/**
 * Rounds what was computed, so that the JSON is tidy and the last bits of floating point do not show up as
 * differences.
 */
export function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}

/** Every number of a record rounded. */
export function roundAll<Name extends string>(
  record: Readonly<Record<Name, number>>,
  decimals: number,
): Record<Name, number> {
  const entries = Object.entries<number>(record).map(([name, value]) => [
    name,
    round(value, decimals),
  ]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

/**
 * Figures of several runs together with their intervals over runs, rounded.
 * @param statisticsOf the values if run `i` is drawn `timesDrawn[i]` times; see {@link bootstrapIntervals}
 */
export function figuresOverRuns<Name extends string>(
  runs: number,
  statisticsOf: (timesDrawn: Uint32Array) => Readonly<Record<Name, number>>,
  decimals = figureDecimals,
): Record<Name, Figure> {
  const values = statisticsOf(new Uint32Array(runs).fill(1));
  const intervals = bootstrapIntervals(runs, statisticsOf);
  const entries = (Object.entries(values) as [Name, number][]).map(([name, value]) => {
    const [low, high] = intervals?.[name] ?? [];
    const figure: Figure = {
      value: round(value, decimals),
      ci95:
        low === undefined || high === undefined
          ? null
          : [round(low, decimals), round(high, decimals)],
    };
    return [name, figure];
  });
  return Object.fromEntries(entries) as Record<Name, Figure>;
}

/** The mean of a value over runs, with its interval. */
export function meanOverRuns(values: readonly number[], decimals = figureDecimals): Figure {
  return figuresOverRuns(
    values.length,
    (timesDrawn) => ({
      mean:
        values.reduce((sum, value, run) => sum + value * (timesDrawn[run] ?? 0), 0) / values.length,
    }),
    decimals,
  ).mean;
}
