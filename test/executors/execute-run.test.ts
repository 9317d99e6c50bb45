import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { executeRun, requireRunFolder } from '../../src/executors/execute-run.js';
import type { RunSpec } from '../../src/plan/run-spec.js';
import { EvenkeelError, InterruptedError } from '../../src/process/errors.js';
import { withFolder } from '../../src/run-folder/lock.js';
import type { RunIdentity } from '../../src/run-folder/manifest.js';
import { RunFolder } from '../../src/run-folder/run-folder.js';
import type { Site } from '../../src/sites/site.js';
import { type SyntheticRun, syntheticManifest, syntheticSpec } from '../synthetic-run.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { untilStopped } from '../until-stopped.js';

const never = new AbortController().signal;
let directory: string;
let steps: string[];
let executed: number;

beforeEach(() => {
  steps = [];
  executed = 0;
});

/** A site whose runs leave one artifact. */
class FakeSite implements Site {
  readonly neededDiskBytes = 1;

  constructor(
    readonly manifest: SyntheticRun['manifest'] = {},
    readonly work: (partial: string, signal: AbortSignal) => Promise<void> = async () => undefined,
  ) {}

  identify(spec: RunSpec): RunIdentity {
    const { schema: _schema, settings: _settings, window: _window, ...identity } = this.#of(spec);
    return identity;
  }

  async execute(
    spec: RunSpec,
    partial: string,
    onStep: (step: string) => void,
    signal: AbortSignal,
  ) {
    executed += 1;
    onStep('booting');
    expect(await readdir(partial)).toEqual([]);
    await writeFile(join(partial, 'artifact'), `of execution ${executed}`);
    await this.work(partial, signal);
    const { settings, window } = this.#of(spec);
    return { settings, window };
  }

  #of(spec: RunSpec) {
    return syntheticManifest({ spec, ...(this.manifest ? { manifest: this.manifest } : {}) });
  }
}

async function execute(site: Site = new FakeSite(), spec = syntheticSpec, signal = never) {
  await executeRun(site, spec, directory, (step) => steps.push(step), signal);
}

async function artifact(folder = directory): Promise<string> {
  return readFile(join(folder, 'artifact'), 'utf8');
}

/** What is beside the run's folder. */
async function beside(): Promise<string[]> {
  return (await readdir(join(directory, '..'))).sort();
}

beforeEach(async () => {
  directory = join(await temporaryDirectory(), 'run');
});

describe('a run', () => {
  test('leaves its artifacts and, last of all, what was run', async () => {
    const site = new FakeSite({}, async (partial) => {
      expect(partial).toBe(`${directory}.partial`);
      expect(await readdir(partial)).not.toContain('run.json');
    });
    await execute(site);
    expect(steps).toEqual(['booting']);
    expect(await artifact()).toBe('of execution 1');
    expect((await RunFolder.open(directory)).facts).toMatchObject({
      method: { id: syntheticSpec.method.id },
      seed: 1,
      window: { startNs: 1_000_000_000n },
    });
    expect(await beside()).toEqual(['run']);
  });

  test('of the same identity is kept', async () => {
    await execute();
    await execute(new FakeSite(), JSON.parse(JSON.stringify(syntheticSpec)));
    expect(executed).toBe(1);
    expect(steps).toEqual(['booting', 'kept from an earlier run']);
  });

  test.each<[string, SyntheticRun['manifest'], Partial<RunSpec>]>([
    ['seed', {}, { seed: 2 }],
    ['image', { hashes: { 'host image': 'b'.repeat(64) } }, {}],
    ['version of this program', { evenkeel: '0.2.0' }, {}],
    ['kernel', { kernel: '6.13-rt' }, {}],
    ['clock', { clock: { kind: 'nested', nsPerInstruction: null } }, {}],
    ['workload', {}, { workload: { ...syntheticSpec.workload, requests: 5 } }],
    ['instrument', {}, { instruments: [{ name: 'wire' }] }],
  ])('with another %s takes the place of the one before', async (_what, manifest, change) => {
    await execute();
    await execute(new FakeSite(manifest), { ...syntheticSpec, ...change });
    expect(await artifact()).toBe('of execution 2');
    expect(await beside()).toEqual(['run']);
  });

  test.each(['{"schema":"evenkeel.run/1"}', 'not JSON', ''])(
    'takes the place of one whose manifest is %j',
    async (text) => {
      await execute();
      await writeFile(join(directory, 'run.json'), text);
      await execute();
      expect(await artifact()).toBe('of execution 2');
    },
  );

  test('takes the place of what a process that was killed has left', async () => {
    await mkdir(`${directory}.partial/folder`, { recursive: true });
    await mkdir(`${directory}.failed`);
    await execute();
    expect(await beside()).toEqual(['run']);
  });
});

describe('a run that fails', () => {
  const fail = new FakeSite({}, async (partial) => {
    const console = join(partial, 'console.log');
    throw new EvenkeelError(`no boot, see ${console}`, {
      cause: new EvenkeelError('cause', { fields: { logFile: console } }),
      fields: { console },
      hints: [`Its console is in ${console}.`],
    });
  });

  test('leaves what it wrote beside its folder, where its error says that it is', async () => {
    const console = `${directory}.failed/console.log`;
    await expect(execute(fail)).rejects.toMatchObject({
      name: 'EvenkeelError',
      message: `no boot, see ${console}`,
      fields: { console },
      hints: [`Its console is in ${console}.`],
      cause: { fields: { logFile: console } },
    });
    expect(await artifact(`${directory}.failed`)).toBe('of execution 1');
    expect(await beside()).toEqual(['run.failed']);
  });

  test('leaves the run that was there before, and is replaced by the next', async () => {
    await execute();
    await expect(execute(fail, { ...syntheticSpec, seed: 2 })).rejects.toThrow('no boot');
    expect(await artifact()).toBe('of execution 1');
    expect(await beside()).toEqual(['run', 'run.failed']);
    await execute(new FakeSite(), { ...syntheticSpec, seed: 2 });
    expect(await beside()).toEqual(['run']);
  });

  test('as its report is none, leaves no run', async () => {
    const window = syntheticManifest().window;
    const site = new FakeSite({ window: { startNs: window.endNs, endNs: window.startNs } });
    await expect(execute(site)).rejects.toThrow('startNs must be before endNs');
    expect(await beside()).toEqual(['run.failed']);
  });
});

test('an interrupted run leaves nothing', async () => {
  const stop = new AbortController();
  const site = new FakeSite({}, (_partial, signal) => {
    setTimeout(() => stop.abort(), 1);
    return untilStopped(signal, () => undefined);
  });
  await expect(execute(site, syntheticSpec, stop.signal)).rejects.toThrow(InterruptedError);
  expect(await beside()).toEqual([]);
});

describe('a folder that holds something else', () => {
  test('is left alone, and nothing is executed', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'thesis.tex'), '');
    const refused = `${directory} is not empty, and what is there is no run`;
    await expect(execute()).rejects.toThrow(refused);
    await expect(requireRunFolder(directory)).rejects.toThrow(refused);
    expect(executed).toBe(0);
    expect(await readdir(directory)).toEqual(['thesis.tex']);
  });

  test('is no file', async () => {
    await writeFile(directory, '');
    await expect(execute()).rejects.toThrow(directory);
    expect(executed).toBe(0);
  });

  test('may be empty', async () => {
    await mkdir(directory);
    await requireRunFolder(directory);
    await execute();
    expect(await artifact()).toBe('of execution 1');
  });
});

test('two processes do not write the same run', async () => {
  await withFolder(`${directory}.partial`, directory, never, async () => {
    await expect(execute()).rejects.toThrow(
      `another process of evenkeel is writing to ${directory}`,
    );
  });
  expect(executed).toBe(0);
});
