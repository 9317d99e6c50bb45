import { beforeEach, expect, test, vi } from 'vitest';
import { executeRun } from '../../src/executors/execute-run.js';
import { localExecutor } from '../../src/executors/local.js';
import { runsOf } from '../../src/plan/sweep.js';
import { InterruptedError } from '../../src/process/errors.js';
import { createProgress } from '../../src/process/progress.js';
import { runFolderPath } from '../../src/run-folder/names.js';
import type { Site } from '../../src/sites/site.js';
import { syntheticMethod, syntheticSpec } from '../synthetic-run.js';
import { untilStopped } from '../until-stopped.js';

vi.mock('../../src/executors/execute-run.js', () => ({ executeRun: vi.fn() }));

const run = vi.mocked(executeRun);
const { conditions, workload } = syntheticSpec;
const runs = runsOf({
  methods: [syntheticMethod('vanilla'), syntheticMethod('threaded')],
  seeds: [1, 2],
  ...{ conditions, workload, instrumentsOf: () => [] },
}).map((spec) => ({ spec, directory: runFolderPath('/out', spec) }));
let titles: string;

async function execute(parallel: number, signal = new AbortController().signal): Promise<void> {
  titles = '';
  const write = (text: string) => {
    titles += text;
  };
  await localExecutor(parallel)({} as Site, runs, createProgress({ write }, {}), signal);
}

function started(): string[] {
  return run.mock.calls.map(([, { method, seed }]) => `${method.id} ${seed}`);
}

beforeEach(() => {
  run.mockReset();
});

test.each([1, 3, 10])('executes every run once, %i at a time', async (parallel) => {
  let running = 0;
  let most = 0;
  run.mockImplementation(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running -= 1;
  });
  await execute(parallel);
  expect(started()).toEqual(['vanilla 1', 'threaded 1', 'vanilla 2', 'threaded 2']);
  expect(most).toBe(Math.min(parallel, 4));
  expect(run.mock.calls.map(([, , directory]) => directory)).toEqual([
    '/out/vanilla/seed-1',
    '/out/threaded/seed-1',
    '/out/vanilla/seed-2',
    '/out/threaded/seed-2',
  ]);
  expect(titles).toContain('run 1/4: vanilla, seed 1');
  expect(titles).toContain('run 4/4: threaded, seed 2');
});

test('a failure starts no more runs', async () => {
  run.mockRejectedValueOnce(new Error('no boot'));
  await expect(execute(1)).rejects.toThrow('no boot');
  expect(started()).toEqual(['vanilla 1']);
});

test('a failure stops the run under way and waits for its end, and is what is thrown', async () => {
  let ended = false;
  run.mockImplementation(async (_site, { method }, _directory, _onStep, signal) => {
    if (method.id === 'threaded') throw new Error('no boot');
    await untilStopped(signal, () => {
      ended = true;
    });
  });
  await expect(execute(2)).rejects.toThrow('no boot');
  expect(ended).toBe(true);
  expect(started()).toEqual(['vanilla 1', 'threaded 1']);
});

test('the user stops all runs', async () => {
  const stop = new AbortController();
  let ended = 0;
  run.mockImplementation((_site, _spec, _directory, _onStep, signal) =>
    untilStopped(signal, () => {
      ended += 1;
    }),
  );
  const execution = execute(2, stop.signal);
  setTimeout(() => stop.abort(), 1);
  await expect(execution).rejects.toThrow(InterruptedError);
  expect(ended).toBe(2);
  expect(started()).toEqual(['vanilla 1', 'threaded 1']);
});
