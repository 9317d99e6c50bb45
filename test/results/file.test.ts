import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeFolder } from '../../src/results/analyze-folder.js';
import { readResult } from '../../src/results/file.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { analyzed, sweepOf } from './analyzed.js';

describe('a result file', () => {
  test('is read back as analysis wrote it', async () => {
    const directory = await sweepOf([{}]);
    const path = join(directory, 'result.json');
    await writeFile(path, 'an older result');
    const written = await analyzeFolder(directory);
    expect(await readResult(path)).toEqual(written);
  });

  test('of kernels whose series this program does not know is read', async () => {
    const path = join(await temporaryDirectory(), 'result.json');
    const { environment, ...rest } = await analyzed([{}]);
    const series = { kernels: 'forky-backports', guestKernel: 'noble_hwe+1.2' };
    const other = { ...rest, environment: { ...environment, ...series } };
    await writeFile(path, JSON.stringify(other));
    expect(await readResult(path)).toEqual(other);
    const unsafe = { ...environment, kernels: 'stable; true' };
    await writeFile(path, JSON.stringify({ ...rest, environment: unsafe }));
    await expect(readResult(path)).rejects.toThrow('environment.kernels: ');
  });

  test('that is invalid is reported with its path and the place', async () => {
    const path = join(await temporaryDirectory(), 'result.json');
    await writeFile(path, JSON.stringify({ ...(await analyzed([{}])), command: 5 }));
    await expect(readResult(path)).rejects.toThrow(`${path}: command: `);
  });

  test('of an earlier version is told apart, with what to do', async () => {
    const path = join(await temporaryDirectory(), 'result.json');
    await writeFile(path, JSON.stringify({ schema: 'evenkeel.compare/1' }, undefined, 2));
    await expect(readResult(path)).rejects.toMatchObject({
      message: `${path} is a result of an earlier version`,
      hints: [expect.stringContaining('evenkeel analyze')],
    });
  });

  test('that is not there is reported with its path', async () => {
    const path = join(await temporaryDirectory(), 'missing', 'result.json');
    await expect(readResult(path)).rejects.toThrow(/^cannot read a result: .*missing/);
  });
});
