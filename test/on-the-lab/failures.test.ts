import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { runCli } from '../cli.js';
import { temporaryDirectory } from '../temporary-directory.js';

function evenkeel(temporary: string, ...words: string[]) {
  return runCli(words, {
    env: { TMPDIR: temporary },
    reject: false,
  });
}

/** The emulators of a test: nobody else's have its folder among their arguments. */
async function emulators(temporary: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = [];
  for (const pid of pids) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('qemu-system') && command.includes(temporary)) found.push(pid);
  }
  return found;
}

test.concurrent('a killed emulator fails the run, which names the logs and leaves nothing running', async ({
  expect,
  onTestFinished,
}) => {
  const temporary = await temporaryDirectory(onTestFinished);
  const out = join(temporary, 'out');
  const run = evenkeel(temporary, 'run', '--method', 'exclusive', '--requests', '10', '--out', out);
  // Until the emulator has opened its console, which the failure is to keep.
  const console = `${out}.partial/console.log`;
  await expect.poll(() => existsSync(console), { timeout: 30 * 60_000 }).toBe(true);
  const running = await emulators(temporary);
  expect(running).toHaveLength(1);
  for (const pid of running) process.kill(pid, 'SIGKILL');
  const { exitCode, stderr } = await run;
  expect(exitCode).toBe(2);
  expect(stderr).toContain('SIGKILL');
  expect(stderr).toContain(`${out}.failed/console.log`);
  expect(await readdir(`${out}.failed`)).toContain('console.log');
  expect(await readdir(temporary)).toEqual(['out.failed']);
});

test.concurrent('a guest that panics fails the command, which says so and keeps its console', async ({
  expect,
  onTestFinished,
}) => {
  const temporary = await temporaryDirectory(onTestFinished);
  const panic = 'echo c > /proc/sysrq-trigger; sleep 60';
  const { exitCode, stderr } = await evenkeel(temporary, 'lab', 'exec', '--', 'sh', '-c', panic);
  expect(exitCode).toBe(2);
  const [, console] = /Kernel panic.*; its console is in (\S+)\.$/m.exec(stderr) ?? [];
  expect(await readFile(console ?? '', 'utf8')).toContain('Kernel panic');
  expect(await emulators(temporary)).toEqual([]);
});

test.concurrent('a silent command that runs for longer than --timeout is ended, and its machine with it', async ({
  expect,
  onTestFinished,
}) => {
  const temporary = await temporaryDirectory(onTestFinished);
  const words = ['lab', 'exec', '--timeout', '5s', '--', 'sleep', '100000'];
  const { exitCode, stderr } = await evenkeel(temporary, ...words);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('the command had not ended after 5 s');
  const [, console] = /Its console is in (\S+)\.$/m.exec(stderr) ?? [];
  expect(console?.startsWith(temporary)).toBe(true);
  const events = await readFile((console ?? '').replace('console.log', 'events.jsonl'), 'utf8');
  expect(events).toContain('{"event":"running"}');
  expect(await emulators(temporary)).toEqual([]);
});
