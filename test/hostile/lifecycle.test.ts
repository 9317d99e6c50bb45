import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPcap } from '../../src/traces/pcap.js';
import { matchResponses } from '../../src/workloads/udp-echo/responses.js';
import { kernelComplaint, runOf, runWithVms, stateOf } from './lab.js';

const run = runOf('lifecycle');

const requests = 15_000;

/** As lifecycle.sh has them. */
const parts = ['killed', 'panicked', 'rebooted', 'taken-away', 'attacking'];
const cycles = 100;
const unloads = 5;

describe('a VM that ends, or loses what its sockets need, while it receives or attacks', () => {
  let log: string[];

  beforeAll(async () => {
    // The VMs that are measured have vNICs, so that ek_host can be unloaded.
    log = await runWithVms('lifecycle', [...['--method', 'threaded', '--requests', `${requests}`]]);
  });

  test.each(parts)('leaves nothing behind: %s', (part) => {
    expect(stateOf(log, 'before')).toMatch(/^pins \d+ vms 3 attached 1$/);
    expect(stateOf(log, part)).toBe(stateOf(log, 'before'));
  });

  test.each(['receiving', 'attacking'])('is attached again and again: %s', (what) => {
    expect(log).toContain(`${what}: attached ${cycles} times again`);
    expect(log).toContain(`${what}: unloaded ${unloads} times`);
  });

  test('receives as before when its NIC is removed and its namespace deleted', () => {
    expect(log).toContainEqual(
      expect.stringMatching(
        /^receiving: heavy0nic is removed, with [1-9]\d* sockets of the VM behind it$/,
      ),
    );
    expect(log).toContain('receiving: the namespace is deleted');
    expect(log.at(-1)).toBe('ek_host is unloaded');
  });

  test("leaves the kernel's log without a complaint", async () => {
    expect(await readFile(join(run, 'kernel.log'), 'utf8')).not.toMatch(kernelComplaint);
  });

  test('does not keep the RT VM from answering every request', async () => {
    const { samples, lost } = matchResponses(readPcap(await readFile(join(run, 'rt.pcap'))));
    expect({ answered: samples.length, lost }).toEqual({ answered: requests, lost: 0 });
  });
});
