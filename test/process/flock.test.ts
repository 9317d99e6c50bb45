import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderLock } from '../../src/process/flock.js';
import { withFolder } from '../../src/run-folder/lock.js';

const { signal } = new AbortController();
let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'evenkeel-flock-'));
  folder = join(parent, 'folder');
});

afterEach(async () => {
  await rm(parent, { recursive: true });
});

/** Another process that has the folder's lock, until it is killed. */
async function startHolder() {
  await mkdir(folder);
  const script = 'exec 3<"$1"; flock 3; echo locked; exec sleep 60';
  const holder = execa('sh', ['-c', script, 'sh', folder], { reject: false });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  return { holder };
}

test('makes the folder, and leaves nothing in it', async () => {
  const lock = await FolderLock.tryAcquire(folder, signal);
  expect(lock).toBeDefined();
  await lock?.release();
  expect(await readdir(folder)).toEqual([]);
});

test('is not to be had twice', async () => {
  const lock = await FolderLock.tryAcquire(folder, signal);
  expect(await FolderLock.tryAcquire(folder, signal)).toBeUndefined();
  await lock?.release();
  const again = await FolderLock.tryAcquire(folder, signal);
  expect(again).toBeDefined();
  await again?.release();
});

test('goes with the folder when that is renamed', async () => {
  const lock = await FolderLock.tryAcquire(folder, signal);
  await rename(folder, join(parent, 'other'));
  const next = await FolderLock.tryAcquire(folder, signal);
  expect(next).toBeDefined();
  await lock?.release();
  await next?.release();
});

test('a folder that another process works in is refused, and free when that is killed', async () => {
  const { holder } = await startHolder();
  const work = () => Promise.resolve('done');
  await expect(withFolder(folder, '/out', signal, work)).rejects.toThrow(
    'another process of evenkeel is writing to /out',
  );
  holder.kill('SIGKILL');
  await holder;
  expect(await withFolder(folder, '/out', signal, work)).toBe('done');
});
