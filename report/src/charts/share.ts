import { formatPercent, formatTick } from '../format.ts';
import type { Measure } from './stacked-bars.tsx';

/** Fractions from 0 to 1 of something, which together are at most 1. */
export function shareOf(whole: string): Measure {
  return {
    axisTitle: `share of ${whole} (%)`,
    formatTick: (fraction) => formatTick(fraction * 100),
    format: (fraction) => `${formatPercent(fraction)} %`,
    whole: 1,
  };
}
