import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf, sha256 } from '../../../../src/process/digest.js';
import { keyOf, sha256OfFile, sourceFiles } from '../../../../src/sites/lab/cache/keys.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-keys-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('a key does not depend on the order of names, at any depth', () => {
  expect(keyOf({ a: { b: 1, c: 2 }, d: 3 })).toBe(keyOf({ d: 3, a: { c: 2, b: 1 } }));
});

test('a key depends on names, values, types and the order of lists', () => {
  const keys = [{ a: 1 }, { a: 2 }, { b: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }, {}];
  expect(new Set(keys.map(keyOf)).size).toBe(keys.length);
});

test('a key is the beginning of the digest', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (inputs) => {
      expect(keyOf(inputs)).toMatch(/^[0-9a-f]{16}$/);
      expect(digestOf(inputs).startsWith(keyOf(inputs))).toBe(true);
    }),
  );
});

test('a file has the hash of its content', async () => {
  const path = join(directory, 'file');
  await writeFile(path, 'content');
  expect(await sha256OfFile(path)).toBe(sha256('content'));
});

test('source files are found at any depth, in order, others left out', async () => {
  await mkdir(join(directory, 'sub'));
  await writeFile(join(directory, 'z.c'), 'z');
  await writeFile(join(directory, 'sub/a.h'), 'a');
  await writeFile(join(directory, 'z.o'), 'o');
  const files = await sourceFiles(directory, /\.[ch]$/);
  expect(Object.entries(files)).toEqual([
    ['sub/a.h', sha256('a')],
    ['z.c', sha256('z')],
  ]);
});

test('a folder without source files is an error', async () => {
  await expect(sourceFiles(directory, /\.c$/)).rejects.toThrow(`${directory}: no file matches`);
});
