import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { kernelComplaint, runOf, runSmallVmm, shortRun } from './lab.js';

const run = runOf('small-vmm');

describe('a VMM that is not QEMU', () => {
  let log: string[];

  beforeAll(async () => {
    log = await runSmallVmm(shortRun);
  });

  test('whose second VM is not attached cannot reach what the first one has', () => {
    expect(log).toContain('other-vm: right');
    expect(log).toContain('other-vm: attached afterwards: 0');
  });

  test('whose VM is stuck in a call delays no other VM, and no operator', () => {
    expect(log).toContain('stuck: right');
    expect(log).toContain('stuck: attached afterwards: 0');
  });

  test('that resets its VM gets no events for the one that was', () => {
    expect(log).toContain('reset: right');
    expect(log).toContain('reset: attached afterwards: 0');
  });

  test('that logs what is written is told of what the host writes', () => {
    expect(log).toContain('dirty: right');
  });

  test('is attached as long as somebody holds the attachment', () => {
    expect(log).toContain('held: right');
    expect(log).toContain('held: attached afterwards: 0');
  });

  test("has no namespace of the host's or of another VM but by name", () => {
    expect(log).toContain('namespace: right');
    expect(log).toContain('namespace: attached afterwards: 0');
  });

  test('has no more of the host than it may', () => {
    expect(log).toContain('limits: right');
    expect(log).toContain('limits: attached afterwards: 0');
  });

  test('leaves no more closed connections to the kernel than it may have sockets', () => {
    expect(log).toContain('orphans: right');
    expect(log).toContain('orphans: attached afterwards: 0');
  });

  test("sends as its VMM's user, whom packet filters see", () => {
    expect(log).toContain('filter: right');
    expect(log).toContain('filter: attached afterwards: 0');
  });

  test("has what waits in its sockets charged to its VMM's control group", () => {
    expect(log).toContain('charge: right');
    expect(log).toContain('charge: attached afterwards: 0');
  });

  test('does not do more often than it may what others pay for', () => {
    expect(log).toContain('budgets: right');
  });

  test("has the rights of its VMM's user, as the host's security modules see them", () => {
    expect(log).toContain('rights: right');
    expect(log).toContain('rights: attached afterwards: 0');
  });

  test('leaves nothing of ek_host in connections that it has not accepted', () => {
    expect(log).toContain('migrated-connection: right');
  });

  test("leaves the kernel's log without a complaint", async () => {
    expect(await readFile(join(run, 'kernel.log'), 'utf8')).not.toMatch(kernelComplaint);
  });
});
