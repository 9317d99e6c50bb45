import type { Instrument } from '../instrument.js';
import { analyzePathOf, type PathFigures } from './analyze.js';
import { probeFiles } from './artifacts.js';
import { type PathSection, pathSectionSchema } from './schema.js';
import { summarizePath } from './summarize.js';
import { renderPath } from './text.js';

/** Where the time of a request goes, from time-stamps in the kernels of the host and of the RT guest. */
export const path: Instrument<PathFigures, PathSection> = {
  name: 'path',
  section: pathSectionSchema,
  analyze: async (folder) =>
    folder.has(probeFiles.description) ? analyzePathOf(folder) : undefined,
  summarize: summarizePath,
  text: renderPath,
};
