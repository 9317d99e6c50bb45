import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PathSection } from '../../src/instruments/path/schema.js';
import { parseValidatedJson } from '../../src/process/json.js';
import { resultSchema } from '../../src/results/schema.js';
import { cli } from '../cli.js';

const directory = new URL('../../results/test-path/', import.meta.url).pathname;
const methods = ['rt-softirq', 'outsourcing'];
const requests = 20;

describe('probes in the host and in the RT guest', () => {
  let sections: PathSection[];

  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true });
    const { stdout } = await execa(
      process.execPath,
      [
        ...[cli, 'path', '--methods', methods.join(','), '--seeds', '5', '--json'],
        ...['--requests', `${requests}`, '--out', directory],
      ],
      { stderr: 'inherit' },
    );
    const result = parseValidatedJson('path --json', stdout, resultSchema);
    sections = result.methods.flatMap((method) => method.sections.path ?? []);
    expect(sections).toHaveLength(methods.length);
  });

  test('see every request at every point', () => {
    for (const { notFollowed, followed, dropped } of sections) {
      expect({ notFollowed, followed, dropped }).toEqual({
        notFollowed: [],
        followed: requests,
        dropped: 0,
      });
    }
  });

  test('account for all of the response time', () => {
    for (const { sumOfSegments, response, segments } of sections) {
      expect(sumOfSegments).toBeCloseTo(response.mean, 1);
      for (const { time } of segments) expect(time.mean).toBeGreaterThan(0);
    }
  });

  test.each(methods)("leave the host kernel's log without a warning: %s", async (id) => {
    const log = await readFile(join(directory, id, 'seed-5/kernel.log'), 'utf8');
    expect(log).not.toMatch(/WARNING|BUG:|Oops|Call Trace|stall|blocked for more than/);
  });
});
