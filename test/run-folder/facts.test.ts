import { describe, expect, test } from 'vitest';
import { instrumentOf, parseRunFacts } from '../../src/run-folder/facts.js';
import {
  manifestText,
  type SyntheticRun,
  syntheticFacts,
  syntheticManifest,
  syntheticMethod,
  syntheticSpec,
} from '../synthetic-run.js';
import { firstManifest, firstManifestText } from './first-manifest.js';

describe('the facts of a run', () => {
  test('are those of its spec, and of who executed it', () => {
    const { settings, window } = syntheticManifest();
    const { clock: _clock, ...size } = syntheticSpec.conditions;
    expect(syntheticFacts()).toEqual({
      method: {
        id: 'threaded',
        title: 'Threaded interrupts',
        settingsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      kernel: '6.12-rt',
      seed: 1,
      clock: { kind: 'instructions', nsPerInstruction: 2 },
      environment: {
        ...size,
        evenkeel: '0.1.0',
        versions: { emulator: '10.0.2' },
        hashes: { 'host image': 'a'.repeat(64) },
      },
      workload: syntheticSpec.workload,
      instruments: syntheticSpec.instruments,
      hostCpuNumbers: [0, 1],
      settings,
      window,
    });
  });

  test('tell methods apart by what they ask for, not by the order of its members', () => {
    const hashOf = (settings: typeof syntheticSpec.method.settings) =>
      syntheticFacts({ spec: { method: { ...syntheticMethod('m'), settings } } }).method
        .settingsSha256;
    const one = hashOf([{ kind: 'file', path: '/a', why: 'b' }]);
    expect(hashOf([{ why: 'b', path: '/a', kind: 'file' }])).toBe(one);
    expect(hashOf([{ kind: 'file', path: '/b', why: 'b' }])).not.toBe(one);
    expect(hashOf([])).not.toBe(one);
  });

  test.each<[string, SyntheticRun, object, string]>([
    ['a window without length', {}, { window: { startNs: '5', endNs: '5' } }, 'window: startNs'],
    ['CPUs that disagree', {}, { hostCpuNumbers: [0] }, 'hostCpuNumbers: must be as many as'],
    [
      'a spec that is not the one of its hash',
      {},
      { spec: { ...syntheticSpec, seed: 2 } },
      'specSha256',
    ],
    ['an unknown member', {}, { more: 1 }, 'the whole document: Unrecognized key'],
    ['a later version', {}, { schema: 'evenkeel.run/3' }, 'schema: '],
  ])('are not those of %s', (_name, run, changes, message) => {
    // z.encode() would refuse such a manifest, so what is wrong is written over a valid one.
    const text = JSON.stringify({ ...JSON.parse(manifestText(run)), ...changes });
    expect(() => parseRunFacts('/a/run.json', text)).toThrow(`/a/run.json: ${message}`);
  });

  test('have the options of an instrument, if the run had it', () => {
    const facts = syntheticFacts({ spec: { instruments: [{ name: 'path', probes: 'all' }] } });
    expect(instrumentOf(facts, 'path')).toEqual({ name: 'path', probes: 'all' });
    expect(() => instrumentOf(facts, 'caches')).toThrow(
      'the run of threaded with seed 1 had no instrument caches',
    );
  });
});

describe('the facts of a run of the first version', () => {
  test('are the same, with the one workload that there was', () => {
    const { schema: _schema, load, settings: _settings, ...rest } = firstManifest;
    const facts = parseRunFacts('run.json', firstManifestText());
    expect(facts).toMatchObject({
      ...rest,
      window: { startNs: 1_000_000_000n, endNs: 2_000_000_000n },
      workload: { name: 'udp-echo', ...load },
      instruments: [{ name: 'wire' }, { name: 'throughput' }, { name: 'cpu' }],
    });
  });

  test('have settings whose target is only known as text', () => {
    expect(parseRunFacts('run.json', firstManifestText()).settings).toEqual([
      {
        kind: 'unknown',
        target: { type: 'text', text: 'interrupt 9' },
        before: null,
        wanted: '1',
        actual: '0-1',
        why: 'A reason.',
      },
    ]);
  });

  test.each([
    [{ probesSha256: 'p' }, { name: 'path' }],
    [
      { hostScriptSha256: 'h' },
      { name: 'inversions', nics: ['rtnic', 'veth-rt0', 'eth-rt0'], lowestPriority: 47 },
    ],
    [{ caches: { lineBytes: 64 } }, { name: 'caches', caches: { lineBytes: 64 } }],
  ])('have the instruments that %o tells of', (change, instrument) => {
    const environment = { ...firstManifest.environment, rtServer: 'namespace' };
    const text = firstManifestText({ ...change, environment });
    expect(parseRunFacts('run.json', text).instruments.slice(3)).toEqual([instrument]);
  });

  test('have the clock of nested KVM, which that version called hardware', () => {
    const clock = { kind: 'hardware', nsPerInstruction: null };
    expect(parseRunFacts('run.json', firstManifestText({ clock })).clock).toEqual({
      ...clock,
      kind: 'nested',
    });
  });

  test('are refused where they are not as that version wrote them', () => {
    expect(() => parseRunFacts('/a/run.json', firstManifestText({ load: {} }))).toThrow(
      '/a/run.json: ',
    );
    expect(() => parseRunFacts('/a/run.json', firstManifestText({ spec: syntheticSpec }))).toThrow(
      '/a/run.json: the whole document: Unrecognized key: "spec"',
    );
  });
});
