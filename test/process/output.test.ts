import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EvenkeelError } from '../../src/process/errors.js';
import { makeFolder, makeOutputFolder, writeOutputFile } from '../../src/process/output.js';
import { withFolder } from '../../src/run-folder/lock.js';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'evenkeel-output-'));
  await writeFile(join(parent, 'file'), 'precious');
  await symlink('nowhere', join(parent, 'link'));
});

afterEach(async () => {
  await rm(parent, { recursive: true });
});

async function failure(work: Promise<unknown>): Promise<EvenkeelError> {
  const error = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EvenkeelError);
  return error as EvenkeelError;
}

test('makes a folder with those above it, leaves nothing in it, and takes one that is there', async () => {
  const folder = join(parent, 'a/b/c');
  await makeOutputFolder(folder, '--out');
  await makeOutputFolder(`${folder}/`, '--out');
  expect(await readdir(folder)).toEqual([]);
  await makeFolder('/');
});

test('is made once by all that want it at the same time', async () => {
  const folders = Array.from({ length: 20 }, (_, index) => join(parent, `x/y/z/${index % 3}`));
  await Promise.all(folders.map(makeFolder));
  expect(await readdir(join(parent, 'x/y/z'))).toEqual(['0', '1', '2']);
});

test.each([
  ['/proc/x', 'ENOENT', 'Nothing can be made there: choose another folder with --out.'],
  ['/proc/x/y/z', 'ENOENT', 'Nothing can be made there: choose another folder with --out.'],
  ['/proc', 'ENOENT', 'Nothing can be made there: choose another folder with --out.'],
  ['file', 'EEXIST', 'A file stands where a folder is needed: remove it, or choose another'],
  ['file/x', 'ENOTDIR', 'A file stands where a folder is needed: remove it, or choose another'],
  ['link', 'EEXIST', 'A file stands where a folder is needed: remove it, or choose another'],
  ['x'.repeat(300), 'ENAMETOOLONG', 'Choose another folder with --out.'],
])('says at once that it cannot write to %s, why, and what to do', async (name, code, hint) => {
  const folder = name.startsWith('/') ? name : join(parent, name);
  const work = () => Promise.reject(new Error('has begun'));
  const { signal } = new AbortController();
  for (const error of [
    await failure(makeOutputFolder(folder, '--out')),
    await failure(withFolder(folder, folder, signal, work)),
  ]) {
    expect(error.message).toMatch(`cannot write to ${folder}: ${code}: `);
    expect(error.hints).toEqual([expect.stringContaining(hint)]);
    expect(error.fields).toEqual({ path: folder, code });
  }
  expect((await readdir(parent)).sort()).toEqual(['file', 'link']);
});

test('replaces a file as a whole, or not at all', async () => {
  const path = join(parent, 'file');
  await writeOutputFile(path, 'new');
  expect(await readFile(path, 'utf8')).toBe('new');
  await mkdir(join(parent, 'folder/full'), { recursive: true });
  const error = await failure(writeOutputFile(join(parent, 'folder'), 'new'));
  expect(error.message).toMatch(`cannot write to ${join(parent, 'folder')}: EISDIR`);
  expect((await failure(writeOutputFile('/proc/x', 'new'))).hints).toEqual([
    'Nothing can be made there: work on a copy of the folder elsewhere.',
  ]);
  expect((await readdir(parent)).sort()).toEqual(['file', 'folder', 'link']);
});
