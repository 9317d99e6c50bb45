import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { readResult } from '../../src/results/file.js';
import type { Result } from '../../src/results/schema.js';
import { cli } from '../cli.js';

const directory = new URL('../../results/test-outsourcing/', import.meta.url).pathname;
const requests = 50;

describe('VMs whose sockets the host performs', () => {
  let result: Result;

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
    result = await readResult(join(directory, 'result.json'));
  });

  test('answer every request and receive bulk traffic', () => {
    const { wire, throughput } = result.methods[0]?.sections ?? {};
    expect(wire?.runs[0]?.responseTimeUs).toMatchObject({ n: requests, lost: 0 });
    expect(throughput?.mbps.value).toBeGreaterThan(0);
  });

  test('are attached, and have no vNIC', () => {
    const settings = result.methods[0]?.settings ?? [];
    expect(settings.filter(({ kind }) => kind === 'socket-outsourcing')).toHaveLength(2);
    expect(settings.filter(({ wanted, actual }) => wanted !== actual)).toEqual([]);
    const classes = result.methods[0]?.sections.cpu?.runs[0]?.threadClasses.map((one) => one.class);
    expect(classes).toContain('heavy vCPU');
    expect(classes).not.toContain('heavy vNIC');
  });

  test("leave the host kernel's log without a warning", async () => {
    const log = await readFile(join(directory, 'outsourcing/seed-5/kernel.log'), 'utf8');
    expect(log).not.toMatch(/WARNING|BUG:|Oops|Call Trace|stall|blocked for more than/);
  });
});
