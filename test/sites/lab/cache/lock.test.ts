import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InterruptedError } from '../../../../src/process/errors.js';
import { type LockOptions, ProcessLock } from '../../../../src/sites/lab/cache/lock.js';

let directory: string;
let path: string;
let waitedFor: string[];
let options: LockOptions;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-lock-'));
  path = join(directory, 'lock');
  waitedFor = [];
  options = {
    signal: new AbortController().signal,
    whileWaiting: (holder, wait) => {
      waitedFor.push(holder);
      return wait();
    },
  };
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Another process that has the lock, until it is killed. */
async function startHolder() {
  const script = 'exec 3>"$1"; flock 3; echo $$ >&3; echo locked; exec sleep 60';
  const holder = execa('sh', ['-c', script, 'sh', path], { reject: false });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  // In an object, because it is a promise of its own end.
  return { holder };
}

test('is had at once if nobody else has it, and again after its release', async () => {
  for (let round = 0; round < 2; round += 1) {
    const lock = await ProcessLock.acquire(path, options);
    expect(await readFile(path, 'utf8')).toBe(`${process.pid}\n`);
    await lock.release();
  }
  expect(waitedFor).toEqual([]);
});

test('waits for another process, and names it', async () => {
  const { holder } = await startHolder();
  const lock = ProcessLock.acquire(path, options);
  await expect.poll(() => waitedFor).toEqual([`pid ${holder.pid} (sleep 60)`]);
  holder.kill('SIGKILL');
  await (await lock).release();
});

test('gives up after a limit', async () => {
  const { holder } = await startHolder();
  const lock = ProcessLock.acquire(path, { ...options, limitMs: 20 });
  await expect(lock).rejects.toThrow(`process ${holder.pid} did not release ${path}`);
  holder.kill('SIGKILL');
  await holder;
});

test('waits no longer than until the user stops it', async () => {
  const { holder } = await startHolder();
  const stop = new AbortController();
  const lock = ProcessLock.acquire(path, {
    signal: stop.signal,
    whileWaiting: (_holder, wait) => {
      stop.abort();
      return wait();
    },
  });
  await expect(lock).rejects.toThrow(InterruptedError);
  holder.kill('SIGKILL');
  await holder;
});
