import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freeDiskBytes, requireDiskSpace } from '../../src/process/disk-space.js';

const missing = join(tmpdir(), 'evenkeel-no-such-folder/nor-this');

test('finds out about a folder that does not exist yet', async () => {
  expect(await freeDiskBytes(missing)).toBeGreaterThan(0);
  await requireDiskSpace(missing, 1, '--out');
});

test('says how much is missing, where, and what to do', async () => {
  const needed = requireDiskSpace(missing, 2 ** 80, '--out');
  await expect(needed).rejects.toMatchObject({
    message: expect.stringContaining(`the disk of ${missing} is full`),
    hints: [expect.stringContaining('--out')],
  });
});
