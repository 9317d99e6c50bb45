import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LocalHost } from '../../src/host/local-host.js';
import { temporaryDirectory } from '../temporary-directory.js';

const host = new LocalHost();

describe('run', () => {
  test('returns what a program prints', async () => {
    expect(await host.run(['printf', '%s;', 'a b', '$HOME'])).toBe('a b;$HOME;');
  });

  test('finds programs in a folder beside the PATH', async () => {
    const folder = await temporaryDirectory();
    await host.createFile(join(folder, 'ek-test'), '#!/bin/sh\necho found\n', 0o755);
    expect(await new LocalHost(folder).run(['ek-test'])).toBe('found\n');
    await expect(host.run(['ek-test'])).rejects.toThrow('ek-test: ');
  });

  test('tells what a program that fails has said', async () => {
    await expect(host.run(['sh', '-c', 'echo no >&2; exit 1'])).rejects.toThrow(/exit 1: no$/);
    await expect(host.run(['/no/such/program'])).rejects.toThrow('/no/such/program: ');
  });
});

test('a file is created with its folders, and read as it is', async () => {
  const path = join(await temporaryDirectory(), 'a/b');
  const bytes = Buffer.from([0, 255, 10]);
  await host.createFile(path, bytes, 0o700);
  expect(await host.readBytes(path)).toEqual(bytes);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('what is not there is named', async () => {
  const path = join(await temporaryDirectory(), 'missing');
  expect(await host.list(path)).toEqual([]);
  await expect(host.readFile(path)).rejects.toThrow(`cannot read ${path}`);
  await expect(host.createFile('/dev/null/x', '')).rejects.toThrow('cannot create /dev/null/x');
});
