import { distributionOf } from '../../statistics/distribution.js';
import { figureDecimals, figuresOverRuns, round, roundAll } from '../../statistics/figure.js';
import { PooledSamples } from '../../statistics/pooled-samples.js';
import { summarize as summarizeSamples } from '../../statistics/samples.js';
import type { ResponseTimes } from '../../workloads/workload.js';
import type { Instrument, RunOf } from '../instrument.js';
import { captureFile, responsesAtWire, responseTimesNs } from './artifacts.js';
import { formatSamplesCsv } from './samples-csv.js';
import { type WireSection, wireSectionSchema } from './schema.js';

/** Response times, from the request at the wire to its response at the wire (the paper's section IV-A). */
export const wire: Instrument<ResponseTimes, WireSection> = {
  name: 'wire',
  section: wireSectionSchema,
  analyze: async (folder) => (folder.has(captureFile) ? responsesAtWire(folder) : undefined),
  summarize,
  derived: ({ samples }) => ({ 'samples.csv': formatSamplesCsv(samples) }),
};

function summarize(runs: readonly RunOf<ResponseTimes>[]): WireSection {
  const samples = runs.map(({ figures }) => responseTimesNs(figures));
  const pool = new PooledSamples(samples);
  const lost = (timesDrawn: Uint32Array) =>
    runs.reduce((sum, { figures }, run) => sum + figures.lost * (timesDrawn[run] ?? 0), 0);
  const { binUs, fromUs, counts, percentiles } = distributionOf(pool.ascendingNs);
  return {
    runs: runs.map(({ seed, figures }, run) => ({
      seed,
      responseTimeUs: roundAll(
        summarizeSamples(samples[run] ?? new Float64Array(), figures.lost),
        figureDecimals,
      ),
    })),
    summary: figuresOverRuns(runs.length, (timesDrawn) => ({
      ...pool.summarize(timesDrawn, lost(timesDrawn)),
    })),
    distribution: {
      ...{ binUs, fromUs, counts },
      percentiles: percentiles.map(({ fraction, us }) => ({
        fraction,
        us: round(us, figureDecimals),
      })),
    },
  };
}
