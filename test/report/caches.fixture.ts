import type { CacheRun, Side } from '../../src/instruments/caches/analyze.js';
import { paperCaches } from '../../src/instruments/caches/geometry.js';
import type { CachesSection } from '../../src/instruments/caches/schema.js';
import { summarizeCaches } from '../../src/instruments/caches/summarize.js';

const work: readonly [name: string, side: Side, share: number][] = [
  ['RT vCPU, guest', 'RT', 0.02],
  ['RT vCPU, host', 'RT', 0.01],
  ['heavy vCPU, guest', 'non-RT', 0.3],
  ['heavy vNIC', 'non-RT', 0.4],
  ['softirqs', 'interrupts', 0.25],
  ['idle', 'idle', 0.02],
];

interface CachesShape {
  missesPerSecond: number;
  /** None without Heavy Receivers. */
  heavyMbps?: number;
}

/** A plausible section of runs of 2 s. */
export function cachesFixture(
  { missesPerSecond, heavyMbps = 800 }: CachesShape,
  seeds: readonly number[] = [1, 2],
): CachesSection {
  return summarizeCaches(
    seeds.map((seed) => ({ seed, figures: runOf(missesPerSecond * (1 + seed / 50), heavyMbps) })),
  );
}

function runOf(missesPerSecond: number, heavyMbps: number): CacheRun {
  const seconds = 2;
  return {
    caches: paperCaches,
    seconds,
    heavyBytes: (heavyMbps * 1e6 * seconds) / 8,
    work: work.map(([name, side, share]) => {
      const misses = Math.round(missesPerSecond * seconds * share);
      return {
        ...{ name, side },
        counts: {
          instructions: misses * 95,
          bytesLoaded: misses * 190,
          bytesStored: misses * 180,
          references: misses * 4 + 1000,
          misses,
        },
      };
    }),
  };
}
