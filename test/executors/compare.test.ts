import { beforeEach, expect, test, vi } from 'vitest';
import { runComparison, runDirectory } from '../../src/executors/compare.js';
import { runExperiment } from '../../src/executors/run.js';
import { methodById } from '../../src/methods/catalogue.js';
import { InterruptedError } from '../../src/process/errors.js';
import { createProgress } from '../../src/process/progress.js';
import type { Testbed } from '../../src/sites/lab/testbed.js';
import { untilStopped } from '../until-stopped.js';

vi.mock('../../src/executors/run.js', () => ({ runExperiment: vi.fn() }));

const run = vi.mocked(runExperiment);
const methods = [methodById('vanilla'), methodById('threaded')];
const progress = createProgress({ write: () => undefined }, {});

function compare(parallel: number, signal = new AbortController().signal): Promise<void> {
  const plan = { methods, seeds: [1, 2], parallel };
  return runComparison({} as Testbed, plan, '/out', progress, signal);
}

function started(): string[] {
  return run.mock.calls.map(([, { method, seed }]) => `${method.id} ${seed}`);
}

beforeEach(() => {
  run.mockReset();
});

test.each([1, 3, 10])('runs every method with every seed once, %i at a time', async (parallel) => {
  let running = 0;
  let most = 0;
  run.mockImplementation(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running -= 1;
  });
  await compare(parallel);
  expect(started()).toEqual(['vanilla 1', 'threaded 1', 'vanilla 2', 'threaded 2']);
  expect(most).toBe(Math.min(parallel, 4));
  expect(run.mock.calls.map(([, , directory]) => directory)).toEqual([
    '/out/vanilla/seed-1',
    '/out/threaded/seed-1',
    '/out/vanilla/seed-2',
    '/out/threaded/seed-2',
  ]);
  expect(runDirectory('/out', 'vanilla', 2)).toBe('/out/vanilla/seed-2');
});

test('a failure starts no more runs', async () => {
  run.mockRejectedValueOnce(new Error('no boot'));
  await expect(compare(1)).rejects.toThrow('no boot');
  expect(started()).toEqual(['vanilla 1']);
});

test('a failure stops the run under way and waits for its end, and is what is thrown', async () => {
  let ended = false;
  run.mockImplementation(async (_testbed, { method }, _directory, _onStep, signal) => {
    if (method.id === 'threaded') throw new Error('no boot');
    await untilStopped(signal, () => {
      ended = true;
    });
  });
  await expect(compare(2)).rejects.toThrow('no boot');
  expect(ended).toBe(true);
  expect(started()).toEqual(['vanilla 1', 'threaded 1']);
});

test('the user stops all runs', async () => {
  const stop = new AbortController();
  let ended = 0;
  run.mockImplementation((_testbed, _run, _directory, _onStep, signal) =>
    untilStopped(signal, () => {
      ended += 1;
    }),
  );
  const comparison = compare(2, stop.signal);
  setTimeout(() => stop.abort(), 1);
  await expect(comparison).rejects.toThrow(InterruptedError);
  expect(ended).toBe(2);
  expect(started()).toEqual(['vanilla 1', 'threaded 1']);
});
