import type { Instrument } from '../instrument.js';
import { analyzeCaches, type CacheRun } from './analyze.js';
import { cacheFiles } from './artifacts.js';
import { type CachesSection, cachesSectionSchema } from './schema.js';
import { summarizeCaches } from './summarize.js';
import { renderCaches } from './text.js';

/** Misses of a modelled processor's caches, and the work for each byte of bulk traffic. */
export const caches: Instrument<CacheRun, CachesSection> = {
  name: 'caches',
  section: cachesSectionSchema,
  analyze: async (folder) => (folder.has(cacheFiles.counts) ? analyzeCaches(folder) : undefined),
  summarize: summarizeCaches,
  text: renderCaches,
};
