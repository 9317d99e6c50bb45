import { readdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPcap } from '../../src/traces/pcap.js';
import { parseAckedSeries } from '../../src/workloads/bulk-tcp/acked-bytes.js';
import { matchResponses } from '../../src/workloads/udp-echo/responses.js';
import { kernelComplaint, runOf, runWithVms, slabObjects, stateOf } from './lab.js';

const run = runOf('fuzz');

/** As fuzz.sh and vms.sh have them. */
const seeds = [1, 2, 3, 4];
const callsOfSeed = 262_144;
const maxSockets = 128;

/** They take longer than all attacks. */
const requests = 30_000;
const heavyIntervalNs = 1_000_000_000n;
/** Of a cache of the kernel's. Less than one in a thousand calls of three seeds would have left behind. */
const mostNewObjects = 500;

const operations = [
  ...['create', 'release', 'bind', 'connect', 'listen', 'accept', 'getname', 'send', 'recv'],
  ...['poll', 'shutdown', 'setsockopt', 'getsockopt', 'ioctl', 'addresses'],
];

const errnoNames = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));

/** Times by outcome, 0 for success, else an errno. */
type Outcomes = ReadonlyMap<number, number>;

interface Totals {
  readonly calls: number;
  readonly ms: number;
  /** By `function NAME`, `operation NAME`. */
  readonly rows: ReadonlyMap<string, Outcomes>;
}

describe('a guest that attacks ek_host', () => {
  let log: string[];
  let consoles: string[];
  let totals: Totals[];

  beforeAll(async () => {
    log = await runWithVms('fuzz', [...['--method', 'outsourcing', '--requests', `${requests}`]]);
    const names = (await readdir(run)).filter((name) => name.startsWith('console-hostile-'));
    consoles = await Promise.all(names.map((name) => readFile(join(run, name), 'latin1')));
    totals = consoles.map(totalsOf);
    console.log(report(totals));
  });

  test('has made a million calls', () => {
    expect(totals).toHaveLength(seeds.length);
    for (const { calls } of totals) expect(calls).toBeGreaterThanOrEqual(callsOfSeed);
    expect(sum(totals.map(({ calls }) => calls))).toBeGreaterThan(1_000_000);
  });

  test('has come far, and been refused, with every operation', () => {
    for (const operation of operations) {
      const outcomes = outcomesOf(totals, `operation ${operation}`);
      expect(outcomes.get(0), operation).toBeGreaterThan(1000);
      expect(outcomes.size, operation).toBeGreaterThan(1);
    }
    // Another CPU may have made it a known one meanwhile.
    const unknown = outcomesOf(totals, 'operation unknown');
    const refused = unknown.get(constants.errno.EOPNOTSUPP) ?? 0;
    expect(refused).toBeGreaterThan(0.9 * sum([...unknown.values()]));
    expect([...outcomesOf(totals, 'function unknown').keys()]).toEqual([constants.errno.EINVAL]);
    expect(outcomesOf(totals, 'function setup').get(constants.errno.EFAULT)).toBeGreaterThan(10);
    expect(outcomesOf(totals, 'function call').get(constants.errno.ENXIO)).toBeGreaterThan(10);
  });

  test('has been held up where it asked too often', () => {
    const { EAGAIN } = constants.errno;
    expect(outcomesOf(totals, 'function setup').get(EAGAIN)).toBeGreaterThan(10);
    expect(outcomesOf(totals, 'operation setsockopt').get(EAGAIN)).toBeGreaterThan(10);
  });

  test("leaves the kernels' logs without a complaint", async () => {
    expect(await readFile(join(run, 'kernel.log'), 'utf8')).not.toMatch(kernelComplaint);
    // The guest is the lab's, and is to have survived what it did to itself.
    for (const text of consoles) expect(text).toContain('hostile: ended with status 0');
  });

  test('has no more sockets than it may', async () => {
    for (const seed of seeds) {
      const samples = (await readFile(join(run, `sockets-${seed}`), 'utf8')).match(/\d+/g) ?? [];
      expect(samples.length).toBeGreaterThan(3);
      for (const sockets of samples) expect(Number(sockets)).toBeLessThanOrEqual(maxSockets);
    }
  });

  test('has no module of the host loaded', async () => {
    const file = join(run, 'modprobe.log');
    const modules = await readFile(file, 'utf8').catch(() => '');
    expect(modules).not.toMatch(/tcp_/);
  });

  test('does not keep the RT VM from answering every request', async () => {
    const { samples, lost } = matchResponses(readPcap(await readFile(join(run, 'rt.pcap'))));
    expect({ answered: samples.length, lost }).toEqual({ answered: requests, lost: 0 });
  });

  test('does not keep the Heavy Receiver from receiving', async () => {
    const series = parseAckedSeries(await readFile(join(run, 'heavy-0.jsonl'), 'utf8'));
    const times = log.flatMap((line) => /(?:begins|ends) at ([\d.]+)/.exec(line)?.[1] ?? []);
    const first = BigInt(Math.round(Number(times.at(0)) * 1e9));
    const last = BigInt(Math.round(Number(times.at(-1)) * 1e9));
    const bytesAt = (tNs: bigint) => series.findLast((point) => point.tNs <= tNs)?.bytesAcked ?? 0n;
    for (let tNs = first; tNs + heavyIntervalNs < last; tNs += heavyIntervalNs) {
      expect(bytesAt(tNs + heavyIntervalNs), `at ${tNs} ns`).toBeGreaterThan(bytesAt(tNs));
    }
  });

  test('leaves nothing behind', async () => {
    const before = stateOf(log, 'before-1');
    expect(before).toMatch(/^pins \d+ vms \d+ attached 2$/);
    for (const name of [...seeds.slice(1).map((seed) => `before-${seed}`), 'after']) {
      expect(stateOf(log, name), name).toBe(before);
    }
    for (const seed of seeds) {
      const sockets = await readFile(join(run, `sockstat-${seed}`), 'utf8');
      for (const [line, inUse] of sockets.matchAll(/^\w+: inuse (\d+).*$/gm)) {
        expect(inUse, line).toBe('0');
      }
    }
    // The first attack has filled what the kernel keeps for later.
    const early = await slabObjects(join(run, 'slab-before-2'));
    const late = await slabObjects(join(run, 'slab-after'));
    for (const [cache, count] of late) {
      expect(count - (early.get(cache) ?? 0), cache).toBeLessThan(mostNewObjects);
    }
  });
});

function totalsOf(text: string): Totals {
  const [, calls, ms] =
    /ek_fuzz: seed \d+: (\d+) hypercalls of \d+ threads in (\d+) ms/.exec(text) ?? [];
  const rows = new Map<string, Outcomes>();
  for (const [, row = '', cells = ''] of text.matchAll(
    /ek_fuzz: ((?:function|operation) \w+):(.*)/g,
  )) {
    rows.set(
      row,
      new Map(
        [...cells.matchAll(/(\d+)=(\d+)/g)].map(([, outcome, times]) => [
          Number(outcome),
          Number(times),
        ]),
      ),
    );
  }
  return { calls: Number(calls), ms: Number(ms), rows };
}

function outcomesOf(totals: readonly Totals[], row: string): Outcomes {
  const all = new Map<number, number>();
  for (const { rows } of totals) {
    for (const [outcome, times] of rows.get(row) ?? []) {
      all.set(outcome, (all.get(outcome) ?? 0) + times);
    }
  }
  return all;
}

function report(totals: readonly Totals[]): string {
  const rows = new Set(totals.flatMap((one) => [...one.rows.keys()]));
  const lines = [...rows].map((row) => {
    const cells = [...outcomesOf(totals, row)]
      .sort(([, a], [, b]) => b - a)
      .map(
        ([outcome, times]) =>
          `${outcome === 0 ? 'ok' : (errnoNames.get(outcome) ?? outcome)} ${times}`,
      );
    return `${row}: ${cells.join(', ')}`;
  });
  const calls = sum(totals.map((one) => one.calls));
  const ms = sum(totals.map((one) => one.ms));
  return [...lines, `${calls} calls in ${ms} ms of the guests' time`].join('\n');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
