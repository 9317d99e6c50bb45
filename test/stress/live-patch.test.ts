import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { kernelFolder } from '../../src/sites/lab/images/lab-folder.js';
import { runFolderOf, runHostScript } from '../host-script/run.js';
import { labBuilder } from '../lab-builder.js';

const directory = new URL('../../results/stress/live-patch/', import.meta.url).pathname;

describe('ek_softirq and a live patch of a function that it redirects', () => {
  let log: string[];

  beforeAll(async () => {
    const builder = labBuilder();
    const modules = await builder.buildKernelModules(kernelFolder, 'backports-rt', 'live-patch');
    log = await runHostScript({
      directory,
      scripts: [new URL('live-patch.sh', import.meta.url).pathname],
      files: { 'live_patch.ko': await readFile(join(modules, 'live_patch.ko')) },
      options: ['--method', 'rt-softirq', '--rt-server', 'host', '--requests', '300'],
    });
  });

  test('whoever comes second is refused, and loads when the first one has gone', () => {
    expect(log).toEqual([
      expect.stringMatching(/^patch beside ek_softirq: .*Device or resource busy/),
      'patch alone: ok',
      'patch enabled: 1',
      expect.stringMatching(/^ek_softirq beside patch: .*Device or resource busy/),
      'patch disabled: gone',
      'patch unloaded: ok',
      'ek_softirq alone: ok',
    ]);
  });

  test('and the log says why', async () => {
    const kernelLog = await readFile(join(runFolderOf(directory), 'kernel.log'), 'utf8');
    expect(kernelLog).toMatch(/ek_softirq: until it is unloaded, the kernel refuses live patches/);
    expect(kernelLog).toMatch(/ek_softirq: not loaded: what it redirects is live-patched already/);
    expect(kernelLog).not.toMatch(/WARNING|BUG|Oops|Call Trace|stall|blocked for more than/);
  });
});
