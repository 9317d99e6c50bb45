import { expect, test } from 'vitest';
import { paperCaches } from '../../../src/instruments/caches/geometry.js';
import { summarizeCaches } from '../../../src/instruments/caches/summarize.js';
import { cacheRun, noWork } from './cache-run.js';

const threads: [number, string][] = [
  [5, 'RT vCPU'],
  [7, 'heavy vNIC'],
];
const rt = { ...noWork, thread: 5, instructions: 1000, references: 10, misses: 1 };
const heavy = {
  ...noWork,
  ...{ thread: 7, instructions: 8000, bytesLoaded: 4000, bytesStored: 4000 },
  ...{ references: 200, misses: 100 },
};

test('gives rates, ratios, and what a byte of bulk traffic costs', async () => {
  const idle = { ...noWork, instructions: 7777, references: 5 };
  const figures = await cacheRun([idle, rt, heavy], { threads, heavyBytes: 4000 });
  const { heavyMbps, all, sides, work } = summarizeCaches([{ seed: 1, figures }]);
  expect(heavyMbps).toEqual({ value: 0.016, ci95: null });
  // Two seconds, and the idle threads left out.
  expect(all.use.instructionsPerSecond.value).toBe(4500);
  expect(all.use.referencesPerSecond.value).toBe(105);
  expect(all.use.missRatio.value).toBeCloseTo(101 / 210);
  expect(sides.map(({ side, use }) => [side, use.missesPerSecond.value])).toEqual([
    ['RT', 0.5],
    ['non-RT', 50],
    ['idle', 0],
  ]);
  const perByte = work.find(({ name }) => name === 'heavy vNIC')?.perHeavyByte;
  expect(perByte).toMatchObject({
    instructions: { value: 2 },
    bytesLoaded: { value: 1 },
    bytesStored: { value: 1 },
    misses: { value: 0.025 },
  });
});

test('several seeds are pooled, and give an interval', async () => {
  const runs = [];
  for (const seed of [1, 2]) {
    const figures = await cacheRun([{ ...heavy, misses: seed * 50 }], { threads });
    runs.push({ seed, figures });
  }
  const { seeds, all } = summarizeCaches(runs);
  expect(seeds).toEqual([1, 2]);
  expect(all.use.missRatio).toEqual({ value: 0.375, ci95: [0.25, 0.5] });
});

test('without bulk traffic there is no byte to count for, and work of one seed alone counts', async () => {
  const runs = [
    { seed: 1, figures: await cacheRun([rt], { threads, heavyBytes: 0 }) },
    { seed: 2, figures: await cacheRun([heavy], { threads, heavyBytes: 0 }) },
  ];
  const { all, work } = summarizeCaches(runs);
  expect(all.perHeavyByte).toBeNull();
  expect(work.map(({ name, use }) => [name, use.instructionsPerSecond.value])).toEqual([
    ['RT vCPU, host', 250],
    ['heavy vNIC', 2000],
  ]);
});

test('runs of different caches are not put together', async () => {
  const figures = await cacheRun([rt], { threads });
  const caches = { ...paperCaches, lineBytes: 128 };
  const runs = [
    { seed: 1, figures },
    { seed: 2, figures: { ...figures, caches } },
  ];
  expect(() => summarizeCaches(runs)).toThrow('the runs modelled different caches');
  expect(() => summarizeCaches([])).toThrow('expected at least one run, got none');
});
