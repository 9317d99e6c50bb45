import type { RunFolder } from '../../run-folder/run-folder.js';
import { figureDecimals, round } from '../../statistics/figure.js';
import type { Instrument } from '../instrument.js';
import { readTraceArtifacts, traceFile } from './artifacts.js';
import { findInversions, type InversionReport } from './find.js';
import { type InversionsSection, inversionsSectionSchema } from './schema.js';
import { renderInversions } from './text.js';

/** Priority inversions on the host, from a trace of its kernel. */
export const inversions: Instrument<InversionReport, InversionsSection> = {
  name: 'inversions',
  section: inversionsSectionSchema,
  analyze: async (folder) => (folder.has(traceFile) ? analyze(folder) : undefined),
  summarize: (runs) => ({
    runs: runs.map(({ seed, figures }) => ({
      seed,
      rtScheduled: figures.rtScheduled,
      inversions: figures.inversions.map((one) => ({
        ...one,
        atUs: round(one.atUs, figureDecimals),
        us: round(one.us, figureDecimals),
      })),
    })),
  }),
  text: renderInversions,
};

async function analyze(folder: RunFolder): Promise<InversionReport> {
  const { events, rt } = await readTraceArtifacts(folder);
  return findInversions(events, rt);
}
