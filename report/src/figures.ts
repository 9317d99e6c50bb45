import type { FigureName, RunResult } from '../../src/results/schema.ts';
import { formatCount, formatMbps, formatPercent, formatUs } from './format.ts';

/** How a figure of the result stands in a table. */
export interface FigureColumn {
  readonly label: string;
  readonly unit: string;
  readonly format: (value: number) => string;
}

/**
 * One column per figure, in the order of the tables. The record names every `FigureName` because
 * the compiler says so; importing the schema's own list would put zod into the page.
 */
const columns: Record<FigureName, FigureColumn> = {
  mean: { label: 'mean', unit: 'µs', format: formatUs },
  p50: { label: 'p50', unit: 'µs', format: formatUs },
  p99: { label: 'p99', unit: 'µs', format: formatUs },
  p999: { label: 'p99.9', unit: 'µs', format: formatUs },
  max: { label: 'max', unit: 'µs', format: formatUs },
  sd: { label: 'SD', unit: 'µs', format: formatUs },
  n: { label: 'responses', unit: 'n', format: formatCount },
  lost: { label: 'lost', unit: 'n', format: formatCount },
  heavyMbps: { label: 'heavy', unit: 'Mbit/s', format: formatMbps },
  cpuUtilization: { label: 'CPU', unit: '%', format: formatPercent },
};

export const figureColumns = Object.entries(columns) as [FigureName, FigureColumn][];

export function figureOfRun(run: RunResult, name: FigureName): number {
  return name === 'heavyMbps' || name === 'cpuUtilization' ? run[name] : run.responseTimeUs[name];
}
