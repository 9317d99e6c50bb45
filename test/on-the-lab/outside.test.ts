import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { runCli } from '../cli.js';
import { temporaryDirectory } from '../temporary-directory.js';

/** Runs a script of a shell in a guest, and one outside. */
async function run(folder: string, guest: string, outside: string) {
  const script = join(folder, 'outside.sh');
  await writeFile(script, `#!/bin/sh\n${outside}`);
  return await runCli(
    [
      ...['lab', 'exec', '--outside', script, '--copy', script, '--logs', folder],
      ...['--', 'sh', '-c', guest],
    ],
    { reject: false },
  );
}

describe.concurrent('a command in a guest, and a script outside', () => {
  test('the end of the script is the end, and its output and status are passed on', async ({
    expect,
    onTestFinished,
  }) => {
    const folder = await temporaryDirectory(onTestFinished);
    const { stdout, stderr, exitCode } = await run(
      folder,
      "grep -o '10.0.0.2$' /proc/net/fib_trie | head -n 1; echo from $GUEST_ADDRESS; printf end",
      "ls -1 /sys/class/net; grep -o '10.0.0.1$' /proc/net/fib_trie | head -n 1; ls; sleep 5; exit 7",
    );
    expect(exitCode, stderr).toBe(7);
    expect(stdout).toBe('lo\nrtclient\n10.0.0.1\noutside.sh');
    expect(stderr).toContain('\nguest: 10.0.0.2\nguest: from 10.0.0.2\nguest: end\n');
    expect(stderr).toContain('guest: sh ended with status 0');
    expect(await readFile(join(folder, 'kernel.log'), 'utf8')).toContain('Linux version');
  });

  test('a command that fails is the end, with its status', async ({ expect, onTestFinished }) => {
    const folder = await temporaryDirectory(onTestFinished);
    const { stdout, stderr, exitCode } = await run(
      folder,
      'sleep 10; exit 5',
      'echo begins; exec sleep infinity',
    );
    expect(exitCode, stderr).toBe(5);
    expect(stdout).toBe('begins');
    expect(stderr).toContain('guest: sh ended with status 5');
  });
});
