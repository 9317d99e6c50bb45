import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyzeCaches } from '../../src/instruments/caches/analyze.js';
import { parseValidatedJson } from '../../src/process/json.js';
import { resultSchema } from '../../src/results/schema.js';
import { RunFolder } from '../../src/run-folder/run-folder.js';
import { sourceFolderOf } from '../../src/sites/lab/images/lab-folder.js';
import { runCli } from '../cli.js';
import { labBuilder } from '../lab-builder.js';

const lineBytes = 64;

interface Access {
  readonly cpu: number;
  readonly line: number;
  /** Read, write, or a device's write. */
  readonly kind: 'r' | 'w' | 'd';
}

interface Geometry {
  readonly cpus: number;
  readonly ownSets: number;
  readonly ownWays: number;
  readonly sharedSets: number;
  readonly sharedWays: number;
}

describe('the hierarchy of caches', () => {
  let folder: string;
  let driver: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evenkeel-hierarchy-'));
    const source = sourceFolderOf('instruments/caches/plugin');
    const main = new URL('hierarchy-driver.c', import.meta.url).pathname;
    for (const file of [join(source, 'hierarchy.h'), join(source, 'hierarchy.c'), main]) {
      await copyFile(file, join(folder, basename(file)));
    }
    const builder = labBuilder();
    driver = await builder.buildProgram('hierarchy-driver', folder);
  });

  afterAll(() => rm(folder, { recursive: true }));

  test('serves any accesses as a plain model does', async () => {
    const power = (max: number) => fc.integer({ min: 0, max }).map((exponent) => 2 ** exponent);
    const geometry = fc.record({
      cpus: fc.integer({ min: 1, max: 4 }),
      ownSets: power(2),
      ownWays: power(2),
      sharedSets: power(3),
      sharedWays: power(3),
    });
    const accesses = (cpus: number) =>
      fc.array(
        fc.record({
          cpu: fc.nat(cpus - 1),
          line: fc.nat(80),
          kind: fc.constantFrom('r', 'r', 'w', 'w', 'd') as fc.Arbitrary<Access['kind']>,
        }),
        { maxLength: 400, size: 'max' },
      );
    const cases = geometry.chain((one) => fc.tuple(fc.constant(one), accesses(one.cpus)));
    await fc.assert(
      fc.asyncProperty(cases, async ([one, list]) => {
        expect(await served(one, list)).toBe(expected(one, list));
      }),
      { numRuns: 300 },
    );
  });

  async function served(one: Geometry, accesses: readonly Access[]): Promise<string> {
    const bytes = (sets: number, ways: number) => `${sets * ways * lineBytes}`;
    const { stdout } = await execa(
      driver,
      [
        `${one.cpus}`,
        ...[bytes(one.ownSets, one.ownWays), `${one.ownWays}`],
        ...[bytes(one.sharedSets, one.sharedWays), `${one.sharedWays}`],
      ],
      { input: accesses.map(({ cpu, line, kind }) => `${cpu} ${line} ${kind}\n`).join('') },
    );
    return stdout;
  }
});

/** The same by definition: each cache a list of what it has, the most recently used first. */
function expected(one: Geometry, accesses: readonly Access[]): string {
  interface Entry {
    readonly line: number;
    owned: boolean;
  }
  const own: Entry[][] = Array.from({ length: one.cpus }, () => []);
  let shared: number[] = [];
  const dropEverywhere = (line: number) => {
    shared = shared.filter((other) => other !== line);
    for (const [cpu, entries] of own.entries()) {
      own[cpu] = entries.filter((entry) => entry.line !== line);
    }
  };
  const access = (cpu: number, line: number, write: boolean): number => {
    const mine = own[cpu] ?? [];
    let entry = mine.find((other) => other.line === line);
    if (entry !== undefined) {
      own[cpu] = [entry, ...mine.filter((other) => other !== entry)];
      if (entry.owned || !write) return 0;
    }
    const hit = shared.includes(line);
    if (!hit) {
      const set = shared.filter((other) => other % one.sharedSets === line % one.sharedSets);
      const last = set[one.sharedWays - 1];
      if (last !== undefined) dropEverywhere(last);
    }
    shared = [line, ...shared.filter((other) => other !== line)];
    let alone = true;
    for (const [other, entries] of own.entries()) {
      const theirs = entries.find((one) => one.line === line);
      if (other === cpu || theirs === undefined) continue;
      if (write) {
        own[other] = entries.filter((one) => one !== theirs);
      } else {
        theirs.owned = false;
        alone = false;
      }
    }
    if (entry === undefined) {
      entry = { line, owned: false };
      const present = own[cpu] ?? [];
      const set = present.filter((other) => other.line % one.ownSets === line % one.ownSets);
      const last = set[one.ownWays - 1];
      own[cpu] = [entry, ...present.filter((other) => other !== last)];
    }
    entry.owned = alone;
    return hit ? 1 : 2;
  };
  let outcomes = '';
  for (const { cpu, line, kind } of accesses) {
    if (kind === 'd') dropEverywhere(line);
    else outcomes += access(cpu, line, kind === 'w');
  }
  return outcomes;
}

describe('the caches of an emulated host', () => {
  const directory = new URL('../../results/test-caches/', import.meta.url).pathname;
  const large = join(directory, 'large');
  const small = join(directory, 'small');
  const runOf = (folder: string) => join(folder, 'outsourcing/seed-5');
  const countsOf = async (folder: string) => analyzeCaches(await RunFolder.open(runOf(folder)));

  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    const measure = async (folder: string, llc: string) => {
      const { stdout } = await runCli(
        [
          ...['caches', '--methods', 'outsourcing', '--seeds', '5', '--requests', '10'],
          ...['--llc', llc, '--out', folder, '--json'],
        ],
        { stderr: 'inherit' },
      );
      parseValidatedJson('caches --json', stdout, resultSchema);
    };
    await Promise.all([measure(large, '8M:16'), measure(small, '512K:16')]);
  });

  test('are seen without any influence on the run', async () => {
    const hashOf = async (folder: string) =>
      createHash('sha256')
        .update(await readFile(join(runOf(folder), 'rt.pcap')))
        .digest('hex');
    expect(await hashOf(small)).toBe(await hashOf(large));
    const ran = async (folder: string) =>
      (await countsOf(folder)).work.map(({ name, counts }) => ({
        name,
        ...[counts.instructions, counts.bytesLoaded, counts.bytesStored],
      }));
    expect(await ran(small)).toEqual(await ran(large));
  });

  test('miss more if they are smaller, and each line that a NIC has written', async () => {
    const total = async (folder: string) => {
      const { work, heavyBytes } = await countsOf(folder);
      const misses = work.reduce((sum, { counts }) => sum + counts.misses, 0);
      return { misses, heavyBytes };
    };
    const ofLarge = await total(large);
    const ofSmall = await total(small);
    expect(ofSmall.misses).toBeGreaterThan(ofLarge.misses);
    // The window's edges, and frames that are counted before they are acknowledged.
    expect(ofLarge.misses).toBeGreaterThan((0.95 * ofLarge.heavyBytes) / lineBytes);
  });

  test('tell RT work, bulk work, guests and hosts apart', async () => {
    const { work } = await countsOf(large);
    const names = work.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['RT interrupt thread', 'RT vCPU, guest', 'RT vCPU, host'],
        ...['heavy vCPU, guest', 'heavy vCPU, host', 'non-RT interrupt thread', 'idle'],
      ]),
    );
  });
});
