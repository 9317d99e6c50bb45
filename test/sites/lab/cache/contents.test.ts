import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cache } from '../../../../src/sites/lab/cache/cache.js';
import { cacheUsage, cleanCache } from '../../../../src/sites/lab/cache/contents.js';

const signal = new AbortController().signal;
let directory: string;
let cache: Cache;

async function remove(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-contents-'));
  cache = new Cache(directory, { signal, whileWaiting: (_holder, wait) => wait(), remove });
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function fill(): Promise<void> {
  for (const name of ['host-root-0123456789abcdef', 'logs', 'locked', 'packages', 'apt']) {
    await mkdir(join(directory, name));
  }
  await writeFile(join(directory, 'locked', 'builder.json'), 'x'.repeat(10_000));
}

test('counts entries and bytes', async () => {
  await fill();
  const { entries, sizeBytes } = await cacheUsage(directory, undefined, signal);
  expect(entries).toBe(1);
  expect(sizeBytes).toBeGreaterThan(10_000);
});

test('a cache that was never used is empty', async () => {
  const missing = join(directory, 'missing');
  expect(await cacheUsage(missing, undefined, signal)).toEqual({ entries: 0, sizeBytes: 0 });
  const unused = new Cache(missing, { signal, whileWaiting: (_holder, wait) => wait(), remove });
  await cleanCache(unused, { all: true, remove });
  expect(await readdir(directory)).toEqual([]);
});

test('removes entries and logs, but not what a build without network needs', async () => {
  await fill();
  await cleanCache(cache, { all: false, remove });
  expect((await readdir(directory)).sort()).toEqual(['apt', 'lock', 'locked', 'packages']);
});

test('removes all but the lock that it holds', async () => {
  await fill();
  await cleanCache(cache, { all: true, remove });
  expect(await readdir(directory)).toEqual(['lock']);
});
