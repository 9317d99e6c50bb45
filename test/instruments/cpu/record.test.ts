import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LocalHost } from '../../../src/host/local-host.js';
import {
  procStatFiles,
  threadFiles,
  threadSnapshotSchema,
} from '../../../src/instruments/cpu/artifacts.js';
import { parseProcStat } from '../../../src/instruments/cpu/cpu-time.js';
import { cpuRecorder } from '../../../src/instruments/cpu/record.js';
import { parseValidatedJson } from '../../../src/process/json.js';
import { syntheticSpec } from '../../synthetic-run.js';
import { temporaryDirectory } from '../../temporary-directory.js';

test('records the counters of this machine, without the threads that end meanwhile', async () => {
  const host = new LocalHost();
  const artifactsFolder = await temporaryDirectory();
  const cpus = [...parseProcStat(await host.readFile('/proc/stat')).keys()];
  const layout = { cpus, rtNics: [], rtVms: [], rtServers: [], heavyVms: [] };
  const site = { host, layout, size: syntheticSpec.conditions, artifactsFolder };
  const child = await host.start(['sleep', '60'], { outputFile: join(artifactsFolder, 'log') });

  const recording = await (await cpuRecorder.prepare(site, {})).start();
  child.signal('SIGKILL');
  await child.ended(10_000);
  await recording.stop();
  await recording.save?.();

  const read = (name: string) => readFile(join(artifactsFolder, name), 'utf8');
  for (const name of Object.values(procStatFiles)) {
    expect([...parseProcStat(await read(name)).keys()]).toEqual(cpus);
  }
  const threads = async (name: string) =>
    parseValidatedJson(name, await read(name), threadSnapshotSchema);
  const before = await threads(threadFiles.before);
  const after = await threads(threadFiles.after);
  const own = ({ tid }: { tid: number }) => tid === process.pid;
  expect(after.find(own)?.runNs).toBeGreaterThan(before.find(own)?.runNs ?? 0n);
  expect(before.map(({ pid }) => pid)).toContain(child.pid);
  expect(after.map(({ pid }) => pid)).not.toContain(child.pid);
});
