import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../cli.js';

const directory = new URL('../../results/stress/probe/', import.meta.url).pathname;
const cycles = 6;
const records = 1000;

describe('ek_probe is loaded, told nonsense, filled and unloaded under traffic', () => {
  let log: string[];

  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await execa(
      process.execPath,
      [
        ...[cli, 'run', '--method', 'threaded', '--rt-server', 'host', '--requests', '500'],
        ...['--out', directory],
        ...['--host-script', new URL('probe.sh', import.meta.url).pathname],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    log = (await readFile(join(directory, 'host-script.log'), 'utf8')).trimEnd().split('\n');
  });

  test('cycle after cycle', () => {
    expect(log.filter((line) => line.startsWith('cycle '))).toHaveLength(cycles);
  });

  test('and counts what there is no room for', () => {
    const counts = log.flatMap((line) => {
      const [, kept, dropped] = /^cycle \d+: 0 (\d+) (\d+) 0$/.exec(line) ?? [];
      return kept === undefined ? [] : [{ kept: Number(kept), dropped: Number(dropped) }];
    });
    expect(counts).toHaveLength(Math.ceil(cycles / 2));
    for (const { kept } of counts) expect(kept).toBeLessThanOrEqual(records);
    expect(counts.some(({ kept, dropped }) => kept === records && dropped > 0)).toBe(true);
  });

  test('and leaves nothing', async () => {
    expect(log.at(-1)).toBe('after: 0 functions');
    const kernelLog = await readFile(join(directory, 'kernel.log'), 'utf8');
    expect(kernelLog).not.toMatch(/WARNING|BUG|Oops|Call Trace|stall|blocked for more than/);
  });
});
