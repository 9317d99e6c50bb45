import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readScript } from '../../src/commands/script-option.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evenkeel-script-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('reads a script that names its interpreter', async () => {
  const file = join(folder, 'client.sh');
  await writeFile(file, '#!/bin/sh\ntrue\n');
  expect(await readScript('--outside', file)).toBe('#!/bin/sh\ntrue\n');
});

test('refuses another file, and says what the option is', async () => {
  const file = join(folder, 'client.sh');
  await expect(readScript('--outside', file)).rejects.toThrow(/^--outside: ENOENT/);
  await writeFile(file, 'true\n');
  await expect(readScript('--outside', file)).rejects.toThrow(
    `--outside ${file}: its first line must name its interpreter`,
  );
});
