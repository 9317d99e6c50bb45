import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Command, CommandError, runCommand } from '../../src/process/command.js';
import { InterruptedError } from '../../src/process/errors.js';

const never = new AbortController().signal;
const limits = { signal: never, timeoutMs: 20_000 };
const shell = (script: string): Command => ['sh', '-c', script];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-process-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function failure(run: Promise<unknown>): Promise<CommandError> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CommandError);
  return error as CommandError;
}

/** Whether a process lives; one that is dead and waits for its parent to notice does not. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'Z');
  return !/\) Z|^Z/.test(stat);
}

/** A command that writes the numbers of its two processes, and then sleeps in both. */
const sleepingPair = shell('sleep 60 & echo "$$ $!"; exec sleep 60');

test('returns stdout, and appends all output to the log', async () => {
  const logFile = join(directory, 'log');
  const options = { ...limits, logFile };
  expect(await runCommand(shell('echo one; echo two >&2'), options)).toBe('one\n');
  expect(await runCommand(['echo', 'a b'], options)).toBe('a b\n');
  const log = await readFile(logFile, 'utf8');
  expect(log.split('\n').sort()).toEqual(['', 'a b', 'one', 'two']);
});

test('gives the command its own variables and the C locale, and no stdin', async () => {
  const options = { ...limits, environment: { WORD: 'it works' } };
  const script = 'cat; echo "$WORD $LC_ALL"';
  expect(await runCommand(shell(script), options)).toBe('it works C\n');
});

test('puts the prefix in front', async () => {
  const options = { ...limits, prefix: ['env', 'PREFIXED=yes'] };
  expect(await runCommand(shell('echo "$PREFIXED"'), options)).toBe('yes\n');
});

test('passes on each line', async () => {
  const lines: string[] = [];
  await runCommand(shell('echo a; echo b'), { ...limits, onLine: (line) => lines.push(line) });
  expect(lines).toEqual(['a', 'b']);
});

test('names command, status, log and last lines of a failure', async () => {
  const logFile = join(directory, 'log');
  const error = await failure(runCommand(shell('seq 20; exit 3'), { ...limits, logFile }));
  expect(error.message).toContain(
    `sh -c seq 20; exit 3: exit status 3; its log: ${logFile}\n  9\n`,
  );
  expect(error.message).not.toContain('  8\n');
  expect(error.fields).toMatchObject({
    ...{ command: ['sh', '-c', 'seq 20; exit 3'], why: 'exit status 3', exitStatus: 3, logFile },
    output: expect.stringMatching(/^9\n.*\n20$/s),
  });
});

test.each([
  ['echo "write: No space left on device"; exit 1', /disk is full/],
  ['echo "404  Not Found"; exit 1', /--refresh/],
  ['echo "Temporary failure resolving \'mirror\'"; exit 1', /mirror cannot be reached/],
  ['kill -KILL $$', /memory/],
])('hints at the cause of: %s', async (script, hint) => {
  const error = await failure(runCommand(shell(script), limits));
  expect(error.hints).toEqual([expect.stringMatching(hint)]);
});

test('says so if the program does not exist', async () => {
  const error = await failure(runCommand(['no-such-program'], limits));
  expect(error.message).toMatch(/no-such-program.*No such file/s);
  expect(error.hints).toEqual([expect.stringContaining('no-such-program')]);
  const prefixed = await failure(runCommand(['true'], { ...limits, prefix: ['no-such-prefix'] }));
  expect(prefixed.hints).toEqual([expect.stringContaining('no-such-prefix')]);
});

test('kills all of a command on abort', async () => {
  const stop = new AbortController();
  let pids: number[] = [];
  const run = runCommand(sleepingPair, {
    ...limits,
    signal: stop.signal,
    onLine: (line) => {
      pids = line.split(' ').map(Number);
      stop.abort();
    },
  });
  await expect(run).rejects.toThrow(InterruptedError);
  expect(pids).toHaveLength(2);
  await expect.poll(() => Promise.all(pids.map(isRunning))).toEqual([false, false]);
});

test('starts nothing once aborted', async () => {
  const run = runCommand(shell('echo x'), { ...limits, signal: AbortSignal.abort() });
  await expect(run).rejects.toThrow(InterruptedError);
});

test('kills a command that takes too long', async () => {
  const error = await failure(runCommand(['sleep', '60'], { signal: never, timeoutMs: 50 }));
  expect(error.message).toContain('killed, not finished after');
  expect(error.hints).toEqual([]);
});
