import type { WireSection } from '../instruments/wire/schema.js';
import { type PaperFigures, paperFigures } from '../methods/paper.js';
import type { MethodResult } from '../results/schema.js';
import type { Figure } from '../statistics/figure.js';
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

type FigureOf = (method: MethodResult) => Figure | undefined;

const wire =
  (name: keyof WireSection['summary']): FigureOf =>
  ({ sections }) => {
    const summary = sections.wire?.summary;
    return summary && isShown(name, summary.n.value) ? summary[name] : undefined;
  };

const mean = measured('mean, us', wire('mean'));
const p99 = measured('p99, us', wire('p99'));
const sd = measured('SD, us', wire('sd'));
const heavy = measured('heavy, Mbit/s', ({ sections }) => sections.throughput?.mbps);
const cpu = measured('CPU, %', ({ sections }) => sections.cpu?.utilization, 100);

/** The five figures that a method is judged by. */
export const mainColumns: readonly Column[] = [mean, p99, sd, heavy, cpu];

/** What the paper has measured; other methods have none. */
export const paperColumns: readonly Column[] = [
  ofPaper('mean, us', ({ meanUs }) => meanUs),
  ofPaper('p99, us', ({ p99Us }) => p99Us),
  ofPaper('SD, us', ({ sdUs }) => sdUs),
  ofPaper('heavy, Gbit/s', ({ heavyGbps }) => heavyGbps),
];

/** All columns of the comparison table after the method's name. */
export const comparisonColumns: readonly Column[] = [
  mean,
  measured('p50, us', wire('p50')),
  p99,
  measured('p99.9, us', wire('p999')),
  measured('max, us', wire('max')),
  sd,
  total('n', wire('n')),
  total('lost', wire('lost')),
  heavy,
  cpu,
  ...paperColumns,
];

/** Where a method has no such figure, or too few responses for it. */
const none: Cell = { value: '-', interval: '' };

/** @param scale what to multiply the result's figure with for the unit of the heading. */
function measured(heading: string, figureOf: FigureOf, scale = 1): Column {
  return {
    heading: [heading],
    cellOf: (method) => {
      const figure = figureOf(method);
      if (figure === undefined) return none;
      return { value: decimal(figure.value * scale), interval: formatInterval(figure, scale) };
    },
  };
}

/** A count over all seeds: what is of interest is the total, not how it varies. */
function total(heading: string, figureOf: FigureOf): Column {
  return {
    heading: [heading],
    cellOf: (method) => ({ value: String(figureOf(method)?.value ?? '-'), interval: '' }),
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
