import { type PaperFigures, paperFigures } from '../methods/paper.js';
import type { Figure, FigureName, MethodResult } from '../results/schema.js';
import { isShown } from '../statistics/resolution.js';

export interface Cell {
  readonly value: string;
  /** Bounds of the confidence interval, `[lo, hi]`; empty if there are none to show. */
  readonly interval: string;
}

export interface Column {
  /** Lines of the heading: name and unit, then where the figure is from if it is not ours. */
  readonly heading: readonly string[];
  readonly cellOf: (method: MethodResult) => Cell;
}

/** Columns of the comparison table after the method's name. */
export const comparisonColumns: readonly Column[] = [
  measured('mean, us', 'mean'),
  measured('p50, us', 'p50'),
  measured('p99, us', 'p99'),
  measured('p99.9, us', 'p999'),
  measured('max, us', 'max'),
  measured('SD, us', 'sd'),
  total('n', 'n'),
  total('lost', 'lost'),
  measured('heavy, Mbit/s', 'heavyMbps'),
  measured('CPU, %', 'cpuUtilization', 100),
  ofPaper('mean, us', ({ meanUs }) => meanUs),
  ofPaper('p99, us', ({ p99Us }) => p99Us),
  ofPaper('SD, us', ({ sdUs }) => sdUs),
  ofPaper('heavy, Gbit/s', ({ heavyGbps }) => heavyGbps),
];

/** @param scale what to multiply the result's figure with for the unit of the heading. */
function measured(heading: string, name: FigureName, scale = 1): Column {
  return {
    heading: [heading],
    cellOf: ({ summary }) =>
      isShown(name, summary.n.value)
        ? {
            value: decimal(summary[name].value * scale),
            interval: formatInterval(summary[name], scale),
          }
        : { value: '-', interval: '' },
  };
}

/** A count over all seeds: what is of interest is the total, not how it varies. */
function total(heading: string, name: FigureName): Column {
  return {
    heading: [heading],
    cellOf: ({ summary }) => ({ value: String(summary[name].value), interval: '' }),
  };
}

function ofPaper(heading: string, figureOf: (figures: PaperFigures) => number | null): Column {
  return {
    heading: [`paper ${heading}`, '(hardware, 2018)'],
    cellOf: ({ id }) => {
      const figures = paperFigures.get(id);
      const value = figures ? figureOf(figures) : null;
      return { value: value === null ? '-' : decimal(value), interval: '' };
    },
  };
}

function formatInterval({ ci95 }: Figure, scale: number): string {
  return ci95 ? `[${decimal(ci95[0] * scale)}, ${decimal(ci95[1] * scale)}]` : '';
}

function decimal(value: number): string {
  return value.toFixed(1);
}
