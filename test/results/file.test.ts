import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildComparison } from '../../src/results/comparison.js';
import { readCompareResult, writeCompareResult } from '../../src/results/file.js';
import { temporaryDirectory } from '../run-directory.js';
import { analyzedRuns } from './analyzed-run.js';

async function result() {
  return buildComparison([await analyzedRuns([{}])], 'evenkeel compare');
}

describe('a result file', () => {
  test('is read back as it was written', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'compare.json');
    const written = await result();
    await writeFile(path, 'an older result');
    await writeCompareResult(path, written);
    expect(await readCompareResult(path)).toEqual(written);
    expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(written, null, 2)}\n`);
    expect(await readdir(directory)).toEqual(['compare.json']);
  });

  test('of kernels whose series this program does not know is read', async () => {
    const path = join(await temporaryDirectory(), 'compare.json');
    const { environment, ...rest } = await result();
    const series = { kernels: 'forky-backports', guestKernel: 'noble_hwe+1.2' };
    const other = { ...rest, environment: { ...environment, ...series } };
    await writeFile(path, JSON.stringify(other));
    expect(await readCompareResult(path)).toEqual(other);
    const unsafe = { ...environment, kernels: 'stable; true' };
    await writeFile(path, JSON.stringify({ ...rest, environment: unsafe }));
    await expect(readCompareResult(path)).rejects.toThrow('environment.kernels: ');
  });

  test('that is invalid is reported with its path and the place', async () => {
    const path = join(await temporaryDirectory(), 'compare.json');
    await writeFile(path, JSON.stringify({ ...(await result()), command: 5 }));
    await expect(readCompareResult(path)).rejects.toThrow(`${path}: command: `);
  });

  test('that cannot be read or written is reported with its path', async () => {
    const path = join(await temporaryDirectory(), 'missing', 'compare.json');
    await expect(readCompareResult(path)).rejects.toThrow(/^cannot read a result: .*missing/);
    await expect(writeCompareResult(path, await result())).rejects.toThrow(
      /^cannot write to .*missing.compare.json: ENOENT/,
    );
  });
});
