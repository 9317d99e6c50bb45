import { figureDecimals, meanOverRuns, round } from '../../statistics/figure.js';
import { ackedInWindow, mbps } from '../../workloads/bulk-tcp/acked-bytes.js';
import { ackedSeriesFile } from '../../workloads/bulk-tcp/load.js';
import type { Instrument } from '../instrument.js';
import { type ThroughputSection, throughputSectionSchema } from './schema.js';

/** Throughput of each Heavy Receiver; the bulk traffic's senders record it. */
export const throughput: Instrument<readonly number[], ThroughputSection> = {
  name: 'throughput',
  section: throughputSectionSchema,
  analyze: async (folder) => {
    const { window, environment } = folder.facts;
    if (environment.heavyVms > 0 && !folder.has(ackedSeriesFile(0))) return undefined;
    return (await ackedInWindow(folder, window)).map((bytes) => mbps(bytes, window));
  },
  summarize: (runs) => ({
    runs: runs.map(({ seed, figures }) => ({
      seed,
      mbps: round(sumOf(figures), figureDecimals),
      mbpsPerVm: figures.map((one) => round(one, figureDecimals)),
    })),
    mbps: meanOverRuns(runs.map(({ figures }) => sumOf(figures))),
  }),
};

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
