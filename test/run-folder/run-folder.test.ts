import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EvenkeelError } from '../../src/process/errors.js';
import { runFolderPath } from '../../src/run-folder/names.js';
import { findRuns, RunFolder } from '../../src/run-folder/run-folder.js';
import { runFolderWith, syntheticSpec, writeRunDirectory } from '../synthetic-run.js';
import { temporaryDirectory } from '../temporary-directory.js';

describe('a run folder', () => {
  test('says what was run, and which files the run has left', async () => {
    const folder = await runFolderWith({ 'a.txt': 'a' });
    expect(folder.facts.method.id).toBe('threaded');
    expect(folder.facts.window).toEqual({ startNs: 1_000_000_000n, endNs: 2_000_000_000n });
    expect(['a.txt', 'run.json', 'b.txt'].map((name) => folder.has(name))).toEqual([
      ...[true, true, false],
    ]);
  });

  test('remembers what was read, by name, and reads it once', async () => {
    const folder = await runFolderWith({ 'z.txt': 'z', 'a.txt': 'a', 'unread.txt': '' });
    expect((await folder.read('z.txt')).bytes.toString()).toBe('z');
    await writeFile(join(folder.path, 'z.txt'), 'another one');
    expect(await folder.parse('z.txt', (bytes) => bytes.toString())).toBe('z');
    await folder.read('a.txt');
    expect(folder.filesRead.map(({ path }) => path)).toEqual(
      ['a.txt', 'run.json', 'z.txt'].map((name) => join(folder.path, name)),
    );
  });

  test('names a file that is missing', async () => {
    const folder = await runFolderWith({});
    const reading = folder.read('heavy-1.jsonl');
    await expect(reading).rejects.toThrow(EvenkeelError);
    await expect(reading).rejects.toThrow(join(folder.path, 'heavy-1.jsonl'));
  });

  test('names the file that cannot be parsed, and leaves a bug as it is', async () => {
    const folder = await runFolderWith({ 'a.txt': 'a', 'a.json': '{"tid":"5"}' });
    const parse = (error: Error) =>
      folder.parse('a.txt', () => {
        throw error;
      });
    const failed = new EvenkeelError('line 1: no', { hints: ['Try again.'] });
    await expect(parse(failed)).rejects.toMatchObject({
      message: `${join(folder.path, 'a.txt')}: line 1: no`,
      hints: ['Try again.'],
    });
    const bug = new TypeError('x is undefined');
    await expect(parse(bug)).rejects.toBe(bug);
    await expect(folder.readJson('a.json', z.strictObject({ tid: z.number() }))).rejects.toThrow(
      `${join(folder.path, 'a.json')}: tid: `,
    );
  });

  test('finds the run of the same method and seed in another variant of the sweep', async () => {
    const sweep = await temporaryDirectory();
    const place = (seed: number, variant?: string) =>
      runFolderPath(sweep, { ...syntheticSpec, seed }, variant);
    for (const seed of [1, 2]) await writeRunDirectory(place(seed), { spec: { seed } });
    await writeRunDirectory(place(1, 'without-probes'), { responseTimesNs: [1000n] });
    const first = await RunFolder.open(place(1));
    expect((await first.variant('without-probes'))?.path).toBe(place(1, 'without-probes'));
    expect(await first.variant('four-probes')).toBeUndefined();
    expect(await (await RunFolder.open(place(2))).variant('without-probes')).toBeUndefined();
  });

  test('without a manifest holds no run', async () => {
    const { path } = await runFolderWith({});
    await rm(join(path, 'run.json'));
    await expect(RunFolder.open(path)).rejects.toThrow(join(path, 'run.json'));
  });
});

describe('findRuns', () => {
  test('finds those of a sweep, and neither variants nor unfinished or failed ones', async () => {
    const sweep = await temporaryDirectory();
    const paths = [
      ...['threaded/seed-2', 'threaded/seed-1', 'exclusive/seed-1'],
      ...['threaded/seed-3.partial', 'threaded/seed-4.failed', 'without-probes/threaded/seed-1'],
    ].map((path) => join(sweep, path));
    for (const path of paths) await writeRunDirectory(path);
    await mkdir(join(sweep, 'threaded/other'));
    await writeFile(join(sweep, 'result.json'), '{}');
    expect(await findRuns(sweep)).toEqual([paths[2], paths[1], paths[0]]);
  });

  test('finds the run that the folder itself is', async () => {
    const directory = await temporaryDirectory();
    await writeRunDirectory(directory);
    expect(await findRuns(directory)).toEqual([directory]);
  });

  test('names a folder that holds none, or cannot be read', async () => {
    const directory = await temporaryDirectory();
    await expect(findRuns(directory)).rejects.toThrow(`${directory} holds no run`);
    const missing = join(directory, 'missing');
    await expect(findRuns(missing)).rejects.toThrow(`cannot read ${missing}: ENOENT`);
  });
});
