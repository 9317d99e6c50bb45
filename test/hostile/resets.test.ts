import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { kernelComplaint, runOf, runWithVms, shortRun } from './lab.js';

const run = runOf('resets');

describe('a guest that ends, or goes back, without a word', () => {
  let log: string[];
  const said = async (part: string) =>
    (await readFile(join(run, `qmp-${part}`), 'utf8')).trimEnd().split('\n');

  beforeAll(async () => {
    log = await runWithVms('resets', shortRun);
  });

  test.each(['panic', 'sysrq', 'triple', 'qmp-reset'])(
    'leaves its memory to the kernel that boots next: %s',
    (part) => {
      expect(log).toContain(`${part}: nothing was written`);
    },
  );

  test('has new sockets when a snapshot of it has been loaded', async () => {
    expect(log).toContain('loadvm: messages have arrived');
    expect(await said('loadvm')).not.toContainEqual(expect.stringMatching(/error|Error/));
  });

  test('has all that it has received when it has been migrated to a file, and new sockets', () => {
    const right = log.filter((line) => /^stream: [1-9]\d* KiB are right$/.test(line));
    expect(right).toHaveLength(2);
    expect(log.at(-1)).toBe('ek_host is unloaded');
  });

  test("leaves the kernel's log without a complaint", async () => {
    expect(await readFile(join(run, 'kernel.log'), 'utf8')).not.toMatch(kernelComplaint);
  });
});
