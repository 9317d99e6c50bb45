import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeFolder } from '../../src/results/analyze-folder.js';
import { resultSchema } from '../../src/results/schema.js';
import { syntheticMethod, syntheticSpec, writeRunDirectory } from '../synthetic-run.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { analyzed, sweepOf } from './analyzed.js';

const exclusive = syntheticMethod('exclusive', 'Exclusive CPU');

describe('analyzeFolder', () => {
  test('computes every section of a sweep from its artifacts', async () => {
    const result = await analyzed([{}]);
    expect(resultSchema.parse(result)).toEqual(result);
    expect(result).toMatchObject({
      schema: 'evenkeel.result/1',
      clock: { kind: 'instructions', nsPerInstruction: 2 },
      environment: { hostCpus: 2, heavyVms: 2, versions: { emulator: '10.0.2' } },
      workload: syntheticSpec.workload,
      command: expect.stringMatching(/^evenkeel compare --methods threaded --seeds 1 /),
      methods: [
        {
          id: 'threaded',
          title: 'Threaded interrupts',
          kernel: '6.12-rt',
          settings: [{ kind: 'scheduling', wanted: 'SCHED_FIFO 50' }],
          runs: [{ seed: 1 }],
        },
      ],
    });
    expect(Object.keys(result.methods[0]?.sections ?? {})).toEqual(['wire', 'throughput', 'cpu']);
  });

  test('is the same, byte for byte, for the same artifacts, and for any order of the runs', async () => {
    const runs = [
      { spec: { seed: 2 }, responseTimesNs: [7000n, 8000n] },
      { spec: { seed: 1 } },
      { spec: { seed: 1, method: exclusive } },
    ];
    const first = await analyzed(runs);
    expect(JSON.stringify(await analyzed(runs.toReversed()))).toBe(JSON.stringify(first));
    expect(first.methods[0]?.runs.map(({ seed }) => seed)).toEqual([1, 2]);
  });

  test("puts methods into the catalogue's order, or into the one that it is given", async () => {
    const other = syntheticMethod('a-method-of-my-own');
    const directory = await sweepOf([
      { spec: { method: other } },
      { spec: { method: exclusive } },
      {},
    ]);
    const idsOf = async (order?: readonly string[]) =>
      (await analyzeFolder(directory, undefined, order)).methods.map(({ id }) => id);
    expect(await idsOf()).toEqual(['threaded', 'exclusive', other.id]);
    expect(await idsOf(['exclusive', other.id])).toEqual(['exclusive', other.id, 'threaded']);
  });

  test('hashes the artifacts that were read, with paths relative to the result', async () => {
    const directory = await sweepOf([{}]);
    const run = join(directory, 'threaded', 'seed-1');
    await writeFile(join(run, 'console.log'), 'nobody reads it');
    const { methods } = await analyzeFolder(directory);
    const artifacts = methods[0]?.runs[0]?.artifacts ?? [];
    expect(artifacts.map(({ path }) => path)).toEqual(
      [
        ...['heavy-0.jsonl', 'heavy-1.jsonl', 'proc-stat.after', 'proc-stat.before'],
        ...['rt.pcap', 'run.json', 'threads.after.json', 'threads.before.json'],
      ].map((name) => `threaded/seed-1/${name}`),
    );
    const capture = await readFile(join(run, 'rt.pcap'));
    expect(artifacts[4]?.sha256).toBe(createHash('sha256').update(capture).digest('hex'));
  });

  test('leaves the result in the folder, and what other tools read beside the artifacts', async () => {
    const directory = await sweepOf([{}]);
    const result = await analyzeFolder(directory);
    expect(JSON.parse(await readFile(join(directory, 'result.json'), 'utf8'))).toEqual(result);
    expect((await readdir(directory)).sort()).toEqual(['result.json', 'threaded']);
    const csv = await readFile(join(directory, 'threaded/seed-1/samples.csv'), 'utf8');
    expect(csv.split('\n', 2)).toEqual([
      'server,sequence,request_ns,response_time_ns',
      '10.0.0.1,0,1000000000,4000',
    ]);
  });

  test('takes a single run, and only the runs that it is asked for', async () => {
    const single = await temporaryDirectory();
    await writeRunDirectory(single);
    expect((await analyzeFolder(single)).methods[0]?.runs[0]?.artifacts[4]?.path).toBe('rt.pcap');
    const directory = await sweepOf([{}, { spec: { seed: 2 } }]);
    const { methods } = await analyzeFolder(directory, [join(directory, 'threaded/seed-2')]);
    expect(methods.flatMap(({ runs }) => runs.map(({ seed }) => seed))).toEqual([2]);
  });

  test('shows the settings of the run with the lowest seed', async () => {
    const withoutSettings = { spec: { seed: 1 }, manifest: { settings: [] } };
    const { methods } = await analyzed([{ spec: { seed: 2 } }, withoutSettings]);
    expect(methods[0]?.settings).toEqual([]);
  });

  test.each([
    ['rt.pcap', 'rt.pcap: pcap header at offset 0: expected 24 bytes'],
    ['heavy-1.jsonl', 'heavy-1.jsonl: line 1: expected JSON'],
    ['proc-stat.after', 'proc-stat.after: CPU 0 is not in both readings'],
    ['threads.before.json', 'threads.before.json: expected JSON'],
    ['run.json', 'run.json: expected JSON'],
  ])('names %s if it is empty', async (name, message) => {
    const directory = await temporaryDirectory();
    await writeRunDirectory(directory);
    await writeFile(join(directory, name), '');
    await expect(analyzeFolder(directory)).rejects.toThrow(join(directory, message));
  });

  test('refuses a folder without runs', async () => {
    const directory = await temporaryDirectory();
    await expect(analyzeFolder(directory)).rejects.toThrow(`${directory} holds no run`);
  });
});
