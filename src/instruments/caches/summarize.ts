import { isDeepStrictEqual } from 'node:util';
import { EvenkeelError } from '../../process/errors.js';
import { type Figure, figuresOverRuns } from '../../statistics/figure.js';
import type { RunOf } from '../instrument.js';
import { type CacheRun, type Side, sides, type Work } from './analyze.js';
import { addCounts, type Counts, noCounts } from './counts.js';
import type { CachesSection, CacheUse, PerHeavyByte } from './schema.js';

const decimals = 6;

/**
 * Summarizes the runs of one method, one for each seed.
 * @throws EvenkeelError if there is none, or if their caches differ
 */
export function summarizeCaches(runsOfSeeds: readonly RunOf<CacheRun>[]): CachesSection {
  const runs = runsOfSeeds.map(({ figures }) => figures);
  const [first] = runs;
  if (first === undefined) throw new EvenkeelError('expected at least one run, got none');
  if (!runs.every(({ caches }) => isDeepStrictEqual(caches, first.caches))) {
    throw new EvenkeelError('the runs modelled different caches');
  }
  const names = new Map<string, Side>(
    runs.flatMap(({ work }) => work.map(({ name, side }) => [name, side])),
  );
  const presentSides = sides.filter((side) => [...names.values()].includes(side));
  const sumOf = (isOfIt: (work: Work) => boolean) => summaryOf(runs, isOfIt);
  return {
    caches: first.caches,
    seeds: runsOfSeeds.map(({ seed }) => seed),
    heavyMbps: figuresOf(runs, (_counts, seconds, bytes) => ({ mbps: (bytes * 8) / seconds / 1e6 }))
      .mbps,
    all: sumOf(({ side }) => side !== 'idle'),
    sides: presentSides.map((side) => ({ side, ...sumOf((work) => work.side === side) })),
    work: Array.from(names, ([name, side]) => ({
      name,
      side,
      ...sumOf((work) => work.name === name),
    })),
  };
}

function summaryOf(
  runs: readonly CacheRun[],
  isOfIt: (work: Work) => boolean,
): { use: CacheUse; perHeavyByte: PerHeavyByte | null } {
  const countsOf = ({ work }: CacheRun) =>
    work.filter(isOfIt).reduce((sum, { counts }) => addCounts(sum, counts), noCounts);
  const use = figuresOf(
    runs,
    ({ instructions, references, misses }, seconds) => ({
      instructionsPerSecond: instructions / seconds,
      referencesPerSecond: references / seconds,
      missesPerSecond: misses / seconds,
      missRatio: references === 0 ? 0 : misses / references,
    }),
    countsOf,
  );
  if (runs.some(({ heavyBytes }) => heavyBytes === 0)) return { use, perHeavyByte: null };
  const perHeavyByte = figuresOf(
    runs,
    ({ instructions, bytesLoaded, bytesStored, references, misses }, _seconds, bytes) => ({
      instructions: instructions / bytes,
      bytesLoaded: bytesLoaded / bytes,
      bytesStored: bytesStored / bytes,
      references: references / bytes,
      misses: misses / bytes,
    }),
    countsOf,
  );
  return { use, perHeavyByte };
}

/** Figures of all runs together, with their intervals over runs. */
function figuresOf<Name extends string>(
  runs: readonly CacheRun[],
  valuesOf: (counts: Counts, seconds: number, heavyBytes: number) => Record<Name, number>,
  countsOf: (run: CacheRun) => Counts = () => noCounts,
): Record<Name, Figure> {
  const countsOfRuns = runs.map(countsOf);
  const pooled = (timesDrawn: Uint32Array) => {
    let counts = noCounts;
    let seconds = 0;
    let heavyBytes = 0;
    for (const [index, run] of runs.entries()) {
      const times = timesDrawn[index] ?? 0;
      counts = addCounts(counts, countsOfRuns[index] ?? noCounts, times);
      seconds += run.seconds * times;
      heavyBytes += run.heavyBytes * times;
    }
    return valuesOf(counts, seconds, heavyBytes);
  };
  return figuresOverRuns(runs.length, pooled, decimals);
}
