import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EvenkeelError } from '../../src/process/errors.js';
import { readRunArtifacts } from '../../src/run-folder/artifacts.js';
import { temporaryDirectory, writeRunDirectory } from '../run-directory.js';

async function runDirectory(): Promise<string> {
  const directory = await temporaryDirectory();
  await writeRunDirectory(directory);
  return directory;
}

describe('readRunArtifacts', () => {
  test('reads every artifact in a fixed order and leaves other files alone', async () => {
    const directory = await runDirectory();
    await writeFile(join(directory, 'console.log'), '');
    const { files, manifest } = await readRunArtifacts(directory);
    expect(files.map(({ path }) => path.slice(directory.length + 1))).toEqual([
      'run.json',
      'rt.pcap',
      'heavy-0.jsonl',
      'heavy-1.jsonl',
      'proc-stat.before',
      'proc-stat.after',
      'threads.before.json',
      'threads.after.json',
    ]);
    expect(manifest.window).toEqual({ startNs: 1_000_000_000n, endNs: 2_000_000_000n });
  });

  test('takes the settings of runs that were made by earlier versions', async () => {
    const directory = await runDirectory();
    const path = join(directory, 'run.json');
    const facts = { wanted: '1', actual: '0-1', why: 'A reason.' };
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    const settings = [{ target: 'interrupt 9', ...facts }, ...manifest.settings];
    await writeFile(path, JSON.stringify({ ...manifest, settings }));
    const read = (await readRunArtifacts(directory)).manifest.settings;
    const target = { type: 'text', text: 'interrupt 9' };
    expect(read).toEqual([
      { kind: 'unknown', target, before: null, ...facts },
      ...manifest.settings,
    ]);
  });

  test('names a file that is missing', async () => {
    const directory = await runDirectory();
    await rm(join(directory, 'heavy-1.jsonl'));
    const reading = readRunArtifacts(directory);
    await expect(reading).rejects.toThrow(EvenkeelError);
    await expect(reading).rejects.toThrow(join(directory, 'heavy-1.jsonl'));
  });

  test('names the place in a JSON file that is not as its schema says', async () => {
    const directory = await runDirectory();
    const path = join(directory, 'threads.after.json');
    await writeFile(path, '[{"tid":1,"pid":1,"comm":"a","class":"b","runNs":5}]');
    await expect(readRunArtifacts(directory)).rejects.toThrow(`${path}: [0].runNs: `);
  });

  test.each([
    [
      'a window without length',
      { window: { startNs: '5', endNs: '5' } },
      'window: startNs must be',
    ],
    ['CPUs that disagree', { hostCpuNumbers: [0] }, 'hostCpuNumbers: must be as many as'],
  ])('rejects %s', async (_name, changes, message) => {
    const directory = await runDirectory();
    const path = join(directory, 'run.json');
    // z.encode() would refuse such a manifest, so what is wrong is written over a valid one.
    const manifest = { ...JSON.parse(await readFile(path, 'utf8')), ...changes };
    await writeFile(path, JSON.stringify(manifest));
    await expect(readRunArtifacts(directory)).rejects.toThrow(`${path}: ${message}`);
  });
});
