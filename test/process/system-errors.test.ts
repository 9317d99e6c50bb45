import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { systemErrorHints } from '../../src/process/system-errors.js';

function systemError(code: string, syscall = 'write'): Error {
  return Object.assign(new Error(`${code}: it failed, ${syscall}`), { code, syscall });
}

test.each([
  ['ENOSPC', /disk is full/],
  ['EACCES', /may write to/],
  ['ENOMEM', /memory/],
])('%s: says what to do', (code, hint) => {
  expect(systemErrorHints(systemError(code))).toEqual([expect.stringMatching(hint)]);
});

test('a missing program: the package to install', async () => {
  const error = await execa('flock', { env: { PATH: '/nowhere' }, extendEnv: false })
    .then(() => undefined)
    .catch((reason: { cause: unknown }) => reason.cause);
  expect(systemErrorHints(error)).toEqual([expect.stringContaining('apt-get install util-linux')]);
});

test.each<() => unknown>([
  () => readFile('/no/such/file').catch((error: unknown) => error),
  () => new Error('a bug'),
  () => 'no error at all',
])('what is rather a bug has none: %s', async (make) => {
  expect(systemErrorHints(await make())).toBeUndefined();
});
