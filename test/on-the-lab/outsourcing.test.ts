import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCompareResult } from '../../src/results/file.js';
import type { CompareResult } from '../../src/results/schema.js';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const directory = new URL('../../results/test-outsourcing/', import.meta.url).pathname;
const requests = 50;

describe('VMs whose sockets the host performs', () => {
  let result: CompareResult;

  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await execa(
      process.execPath,
      [
        ...[cli, 'compare', '--methods', 'outsourcing', '--seeds', '5'],
        ...['--requests', `${requests}`, '--out', directory],
      ],
      { stdout: 'ignore', stderr: 'inherit' },
    );
    result = await readCompareResult(join(directory, 'result.json'));
  });

  test('answer every request and receive bulk traffic', () => {
    const [run] = result.methods[0]?.runs ?? [];
    expect(run?.responseTimeUs).toMatchObject({ n: requests, lost: 0 });
    expect(run?.heavyMbps).toBeGreaterThan(0);
  });

  test('are attached, and have no vNIC', () => {
    const settings = result.methods[0]?.settings ?? [];
    expect(settings.filter(({ kind }) => kind === 'socket-outsourcing')).toHaveLength(2);
    expect(settings.filter(({ wanted, actual }) => wanted !== actual)).toEqual([]);
    const classes = result.methods[0]?.runs[0]?.threadClasses.map((one) => one.class);
    expect(classes).toContain('heavy vCPU');
    expect(classes).not.toContain('heavy vNIC');
  });

  test("leave the host kernel's log without a warning", async () => {
    const log = await readFile(join(directory, 'outsourcing/seed-5/kernel.log'), 'utf8');
    expect(log).not.toMatch(/WARNING|BUG:|Oops|Call Trace|stall|blocked for more than/);
  });
});
