import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EvenkeelError, InterruptedError } from '../../../src/process/errors.js';
import { copyJobFolder, inJobFolder } from '../../../src/sites/lab/job-folder.js';

const { signal } = new AbortController();
let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'evenkeel-jobs-'));
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(temporary, { recursive: true });
});

test('leaves nothing of a job that ends well, or that the user stops', async () => {
  expect(
    await inJobFolder('test', signal, async (directory) => {
      await writeFile(join(directory, 'console.log'), 'hello');
      return 17;
    }),
  ).toBe(17);
  const stopped = inJobFolder('test', signal, () => Promise.reject(new InterruptedError()));
  await expect(stopped).rejects.toThrow(InterruptedError);
  expect(await readdir(temporary)).toEqual([]);
});

test('keeps the logs of a job that fails, where its error says that they are', async () => {
  const failed = inJobFolder('test', signal, async (directory) => {
    await writeFile(join(directory, 'console.log'), 'Kernel panic');
    await writeFile(join(directory, 'artifacts.tar'), 'large');
    throw new EvenkeelError('no boot', { hints: [join(directory, 'console.log')] });
  });
  const error = (await failed.catch((reason: unknown) => reason)) as EvenkeelError;
  expect(error.message).toBe('no boot');
  expect(await readFile(error.hints[0] ?? '', 'utf8')).toBe('Kernel panic');
  const [kept = ''] = await readdir(temporary);
  expect(await readdir(join(temporary, kept))).toEqual(['console.log']);
});

test('copies what a job has left, but for what is large', async () => {
  const target = join(temporary, 'logs/new');
  await inJobFolder('test', signal, async (directory) => {
    await writeFile(join(directory, 'console.log'), 'hello');
    await writeFile(join(directory, 'artifacts.tar'), 'large');
    await writeFile(join(directory, 'initramfs'), 'large');
    await copyJobFolder(directory, target);
  });
  expect(await readdir(target)).toEqual(['console.log']);
});

test('removes what a killed process has left, and nothing of a process that lives', async () => {
  await mkdir(join(temporary, 'evenkeel-test-killed'));
  await writeFile(join(temporary, 'evenkeel-test-killed/initramfs'), '');
  await mkdir(join(temporary, 'evenkeel-test-new'));
  await inJobFolder('test', signal, async (first) => {
    await writeFile(join(first, 'job.json'), '');
    await inJobFolder('test', signal, async (second) => {
      expect((await readdir(temporary)).sort()).toEqual(
        ['evenkeel-test-new', ...[first, second].map((path) => path.split('/').at(-1))].sort(),
      );
    });
  });
});
