import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileTail } from '../../../src/sites/lab/file-tail.js';

let directory: string;
let path: string;
let received: Buffer[];
let tail: FileTail;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-tail-'));
  path = join(directory, 'port');
  received = [];
  tail = new FileTail(path, (bytes) => received.push(Buffer.from(bytes)));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('waits for a file that does not exist yet', async () => {
  await tail.pump();
  expect(received).toEqual([]);
  await writeFile(path, 'there');
  await tail.pump();
  expect(Buffer.concat(received).toString()).toBe('there');
});

test('passes on everything once, in order', async () => {
  await writeFile(path, 'first ');
  await tail.pump();
  await tail.pump();
  await appendFile(path, 'second ');
  await appendFile(path, 'third');
  await tail.pump();
  await tail.pump();
  expect(received.map(String)).toEqual(['first ', 'second third']);
});

test('knows whether there is more to pass on', async () => {
  expect(await tail.hasMore()).toBe(false);
  await writeFile(path, 'some');
  expect(await tail.hasMore()).toBe(true);
  await tail.pump();
  expect(await tail.hasMore()).toBe(false);
});

test('passes on more than a chunk at once, unchanged', async () => {
  const content = Buffer.from(Array.from({ length: 200_001 }, (_, index) => index % 251));
  await writeFile(path, content);
  await tail.pump();
  expect(Buffer.concat(received).equals(content)).toBe(true);
});

test('fails for what it cannot open', async () => {
  const inFile = new FileTail(join(path, 'below'), () => undefined);
  await writeFile(path, '');
  await expect(inFile.pump()).rejects.toMatchObject({ code: 'ENOTDIR' });
});
