import type { WireSection } from '../../src/instruments/wire/schema.ts';
import type { MethodResult } from '../../src/results/schema.ts';
import type { Figure } from '../../src/statistics/figure.ts';
import { isShown } from '../../src/statistics/resolution.ts';
import { formatCount, formatMbps, formatPercent, formatUs } from './format.ts';

type Sections = MethodResult['sections'];

/** How a figure of the result stands in a table. */
export interface FigureColumn {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly format: (value: number) => string;
  /** Whether a method has the section that the figure is in. */
  readonly isIn: (sections: Sections) => boolean;
  /** Over all seeds; undefined without the section, and for a percentile that the responses do not resolve. */
  readonly of: (sections: Sections) => Figure | undefined;
  readonly ofSeed: (sections: Sections, seed: number) => number | undefined;
}

function ofSeed<Run extends { seed: number }>(
  section: { runs: readonly Run[] } | undefined,
  seed: number,
): Run | undefined {
  return section?.runs.find((run) => run.seed === seed);
}

function wireColumn(
  name: keyof WireSection['summary'],
  label: string,
  unit: string,
  format = formatUs,
): FigureColumn {
  return {
    ...{ name, label, unit, format },
    isIn: ({ wire }) => wire !== undefined,
    of: ({ wire }) =>
      wire !== undefined && isShown(name, wire.summary.n.value) ? wire.summary[name] : undefined,
    ofSeed: ({ wire }, seed) => {
      const times = ofSeed(wire, seed)?.responseTimeUs;
      return times !== undefined && isShown(name, times.n) ? times[name] : undefined;
    },
  };
}

const columns: readonly FigureColumn[] = [
  wireColumn('mean', 'mean', 'µs'),
  wireColumn('p50', 'p50', 'µs'),
  wireColumn('p99', 'p99', 'µs'),
  wireColumn('p999', 'p99.9', 'µs'),
  wireColumn('max', 'max', 'µs'),
  wireColumn('sd', 'SD', 'µs'),
  wireColumn('n', 'responses', 'n', formatCount),
  wireColumn('lost', 'lost', 'n', formatCount),
  {
    ...{ name: 'heavyMbps', label: 'heavy', unit: 'Mbit/s', format: formatMbps },
    isIn: ({ throughput }) => throughput !== undefined,
    of: ({ throughput }) => throughput?.mbps,
    ofSeed: ({ throughput }, seed) => ofSeed(throughput, seed)?.mbps,
  },
  {
    ...{ name: 'cpuUtilization', label: 'CPU', unit: '%', format: formatPercent },
    isIn: ({ cpu }) => cpu !== undefined,
    of: ({ cpu }) => cpu?.utilization,
    ofSeed: ({ cpu }, seed) => ofSeed(cpu, seed)?.utilization,
  },
];

/** The columns of the figures that any of the methods has, in the order of the tables. */
export function figureColumns(methods: readonly MethodResult[]): FigureColumn[] {
  return columns.filter(({ isIn }) => methods.some(({ sections }) => isIn(sections)));
}
