import { describe, expect, test } from 'vitest';
import { buildComparison } from '../../src/results/comparison.js';
import { type SyntheticRun, syntheticManifest } from '../run-directory.js';
import { analyzedRuns } from './analyzed-run.js';

const command = 'evenkeel compare threaded exclusive --seeds 3';
const exclusive = { id: 'exclusive', title: 'Exclusive CPU', settingsSha256: 'e'.repeat(64) };

async function build(...methods: readonly (readonly SyntheticRun[])[]) {
  return buildComparison(await Promise.all(methods.map(analyzedRuns)), command);
}

describe('buildComparison', () => {
  test('is the same, byte for byte, for the same artifacts', async () => {
    const methods = [
      [{ manifest: { seed: 1 } }, { manifest: { seed: 2 }, responseTimesNs: [7000n, 8000n] }],
      [{ manifest: { seed: 1, method: exclusive } }],
    ];
    const first = await build(...methods);
    expect(JSON.stringify(await build(...methods))).toBe(JSON.stringify(first));
    expect(first).toMatchObject({
      schema: 'evenkeel.compare/1',
      clock: { kind: 'instructions' },
      load: { requests: 4 },
      command,
      methods: [{ id: 'threaded' }, { id: 'exclusive' }],
    });
  });

  test('rounds what was computed', async () => {
    const { methods } = await build([{ responseTimesNs: [1000n, 2000n, 4000n] }]);
    expect(methods[0]?.summary.mean.value).toBe(2.333);
    expect(methods[0]?.runs[0]?.responseTimeUs.sd).toBe(1.528);
  });

  test('unites versions and hashes of methods that need other images', async () => {
    const environment = { ...syntheticManifest.environment, versions: { 'rt kernel': '6.12' } };
    const result = await build([{}], [{ manifest: { method: exclusive, environment } }]);
    expect(result.environment.versions).toEqual({ emulator: '10.0.2', 'rt kernel': '6.12' });
  });

  test('rejects methods that were run under different conditions', async () => {
    const clock = { kind: 'wall-emulated', nsPerInstruction: null } as const;
    await expect(build([{}], [{ manifest: { method: exclusive, clock } }])).rejects.toThrow(
      'threaded and exclusive cannot be compared: their clock differs',
    );
    const environment = { ...syntheticManifest.environment, guestMemoryMiB: 256 };
    await expect(build([{}], [{ manifest: { method: exclusive, environment } }])).rejects.toThrow(
      'methods cannot be compared: their environments differ',
    );
  });

  test('rejects a comparison of nothing', async () => {
    await expect(build()).rejects.toThrow('expected at least one method to compare, got none');
  });
});
