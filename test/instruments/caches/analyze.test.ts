import { expect, test } from 'vitest';
import { analyzeCaches } from '../../../src/instruments/caches/analyze.js';
import type { ThreadCounts } from '../../../src/instruments/caches/counts.js';
import { caches } from '../../../src/instruments/caches/instrument.js';
import { EvenkeelError } from '../../../src/process/errors.js';
import { runFolderWith } from '../../synthetic-run.js';
import { cacheRun, cacheRunFolder, noWork } from './cache-run.js';

test('tells work apart by the class of its thread, by side, and guest from host', async () => {
  const { work } = await cacheRun(
    [
      { ...noWork, thread: 0, instructions: 1 },
      { ...noWork, thread: 5, instructions: 2, misses: 1 },
      { ...noWork, thread: 5, inGuest: true, instructions: 4 },
      { ...noWork, thread: 6, instructions: 8 },
      { ...noWork, thread: 7, instructions: 16, references: 3 },
      { ...noWork, thread: 8, instructions: 32, references: 4 },
      { ...noWork, thread: 5, context: 'softirq', instructions: 64 },
      { ...noWork, thread: 0, context: 'softirq', instructions: 128 },
      { ...noWork, thread: 0, context: 'hard interrupt', instructions: 256 },
      { ...noWork, thread: 99, instructions: 512 },
    ],
    {
      threads: [
        [5, 'RT vCPU'],
        [6, 'RT interrupt thread'],
        [7, 'heavy vNIC'],
        [8, 'heavy vNIC'],
      ],
    },
  );
  expect(work.map(({ side, name, counts }) => [side, name, counts.instructions])).toEqual([
    ['RT', 'RT interrupt thread', 8],
    ['RT', 'RT vCPU, guest', 4],
    ['RT', 'RT vCPU, host', 2],
    ['non-RT', 'heavy vNIC', 48],
    ['non-RT', 'other', 512],
    ['interrupts', 'hard interrupts', 256],
    ['interrupts', 'softirqs', 192],
    ['idle', 'idle', 1],
  ]);
  expect(work.find(({ name }) => name === 'heavy vNIC')?.counts.references).toBe(7);
  expect(work.find(({ name }) => name === 'RT vCPU, host')?.counts.misses).toBe(1);
});

test('knows for how long it counted, and what was received meanwhile', async () => {
  const { seconds, heavyBytes } = await cacheRun([noWork], { heavyBytes: 5000 });
  expect(seconds).toBe(2);
  expect(heavyBytes).toBeCloseTo(5000);
});

test('a run without a model of the caches, or with counts that are none, is refused', async () => {
  const without = await cacheRunFolder([noWork], {}, []);
  await expect(analyzeCaches(without)).rejects.toThrow(
    'the run of threaded with seed 1 had no instrument caches',
  );
  const wrong = await cacheRunFolder([{ thread: 1 } as ThreadCounts]);
  await expect(analyzeCaches(wrong)).rejects.toThrow(EvenkeelError);
  await expect(analyzeCaches(wrong)).rejects.toThrow('caches.jsonl: line 1');
});

test('where nothing was counted, there is nothing to say', async () => {
  expect(await caches.analyze(await runFolderWith({}))).toBeUndefined();
});
