import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { threadFiles } from '../../src/instruments/cpu/artifacts.js';
import { traceFile } from '../../src/instruments/inversions/artifacts.js';
import {
  analyzeRuns,
  basicInstruments,
  instruments,
  sectionSchemas,
  sectionTexts,
} from '../../src/instruments/registry.js';
import { basicArtifacts, runFolderWith } from '../synthetic-run.js';

const files = { ...basicArtifacts(), [traceFile]: '# tracer: nop\n' };
const inversions = { name: 'inversions', nics: ['rtnic'], lowestPriority: 47 };

function folderWith(names: readonly string[], seed = 1) {
  const chosen = Object.entries(files).filter(([name]) => names.includes(name));
  return runFolderWith(Object.fromEntries(chosen), {
    spec: { seed, instruments: [...basicInstruments, inversions] },
  });
}

/** What each section is computed from. */
const needs: Readonly<Record<string, readonly string[]>> = {
  wire: ['rt.pcap'],
  throughput: ['heavy-0.jsonl', 'heavy-1.jsonl'],
  cpu: ['proc-stat.before', 'proc-stat.after', threadFiles.before, threadFiles.after],
  inversions: [traceFile],
};

describe('the sections of a method', () => {
  test('are those whose artifacts the runs have left, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(Object.keys(needs)), async (wanted) => {
        const folder = await folderWith(wanted.flatMap((name) => needs[name] ?? []));
        const { sections } = await analyzeRuns([folder]);
        expect(Object.keys(sections)).toEqual(wanted);
        const schemas = sectionSchemas();
        for (const [id, section] of Object.entries(sections)) {
          expect(schemas[id as keyof typeof schemas].parse(section)).toEqual(section);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('are of all runs, by seed', async () => {
    const folders = [await folderWith(['rt.pcap']), await folderWith(['rt.pcap'], 2)];
    const { sections } = await analyzeRuns(folders);
    expect(sections.wire?.runs.map(({ seed }) => seed)).toEqual([1, 2]);
  });

  test('are refused if some of the runs have lost what others have', async () => {
    const torn = await folderWith([]);
    await expect(analyzeRuns([torn, await folderWith(['rt.pcap'], 2)])).rejects.toThrow(
      `${torn.path}: no artifacts of the instrument wire, which other runs of the method have`,
    );
  });

  test('come with the files that belong to each run', async () => {
    const folders = [await folderWith(['rt.pcap']), await folderWith(['rt.pcap'], 2)];
    const { derived } = await analyzeRuns(folders);
    expect([...derived.keys()]).toEqual(folders);
    expect(Object.keys(derived.get(folders[0] as never) ?? {})).toEqual(['samples.csv']);
  });

  test('name the artifact that is damaged or missing', async () => {
    await expect(analyzeRuns([await folderWith(['heavy-0.jsonl'])])).rejects.toThrow(
      /heavy-1\.jsonl/,
    );
    const damaged = await runFolderWith({ 'rt.pcap': 'no capture' });
    await expect(analyzeRuns([damaged])).rejects.toThrow(`${damaged.path}/rt.pcap: `);
  });

  test('as text are those of instruments that take time themselves', async () => {
    const { sections } = await analyzeRuns([await folderWith(Object.keys(files))]);
    const texts = sectionTexts({ id: 'm', kernel: '6.12-rt' }, sections);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/^m, kernel 6\.12-rt, seed 1: 0 times RT work was scheduled/);
  });
});

test('each instrument has the name that it is registered with', () => {
  for (const [id, { name }] of Object.entries(instruments)) expect(name).toBe(id);
  expect(Object.keys(sectionSchemas())).toEqual(Object.keys(instruments));
});
