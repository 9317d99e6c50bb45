import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { methodById } from '../../../src/methods/catalogue.js';
import { defaultConditions } from '../../../src/plan/conditions.js';
import { errorToJson } from '../../../src/process/error-json.js';
import { causesOf, EvenkeelError, InterruptedError } from '../../../src/process/errors.js';
import {
  type HostRun,
  runEmulatedHost,
  type WatchLimits,
} from '../../../src/sites/lab/emulated-host.js';
import { EmulatedHostError } from '../../../src/sites/lab/host-failures.js';
import type { Machine } from '../../../src/sites/lab/machine.js';

const never = new AbortController().signal;
const limits = { pollMs: 1, stallPolls: 1_000_000 };
const hasty = { pollMs: 1, stallPolls: 20 };
let directory: string;
let steps: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-emulated-host-'));
  steps = [];
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Runs a shell script in the emulator's place; it runs in the folder of the machine's files. */
function run(
  script: string,
  signal = never,
  watch: Partial<WatchLimits> = limits,
): Promise<HostRun> {
  const file = (name: string) => join(directory, name);
  const machine: Machine = {
    emulator: ['sh', '-c', `cd '${directory}'; echo $$ > pid; ${script}`, 'emulator'],
    clock: 'instructions',
    seed: 1,
    hostMemoryMiB: 2048,
    kernel: '/kernel',
    initramfs: '/initramfs',
    hostRoot: { file: '/root', sizeBytes: 2 ** 27 },
    artifacts: { file: '/artifacts', sizeBytes: 2 ** 27 },
    job: {
      kind: 'command',
      method: methodById('threaded'),
      conditions: { ...defaultConditions, hostCpus: 1, heavyVms: 0 },
      command: ['true'],
    },
    jobFile: '/job',
    ports: {
      console: file('console'),
      events: file('events'),
      stdout: file('stdout'),
      stderr: file('stderr'),
    },
  };
  const onStep = (step: string) => steps.push(step);
  return runEmulatedHost(machine, file('emulator.log'), onStep, signal, undefined, watch);
}

async function errorOf(host: Promise<HostRun>): Promise<EvenkeelError> {
  const error = await host.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EvenkeelError);
  return error as EvenkeelError;
}

async function failure(host: Promise<HostRun>): Promise<{ message: string; hints: string }> {
  const { message, hints } = await errorOf(host);
  return { message, hints: hints.join('\n') };
}

/** One that is dead and waits for its parent to notice does not live. */
async function isRunning(): Promise<boolean> {
  const pid = (await readFile(join(directory, 'pid'), 'utf8')).trim();
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'Z');
  return !/\) Z|^Z/.test(stat);
}

test('passes steps on and returns the status of the command', async () => {
  const script = `
    echo '{"event":"step","step":"booting","uptimeS":1}' >> events
    echo '{"event":"exit","status":3}' >> events
    echo '{"event":"done"}' >> events`;
  expect(await run(script)).toEqual({ commandStatus: 3 });
  expect(steps).toEqual(['booting']);
});

test('a killed emulator: says so, hints at memory, names the logs', async () => {
  const { message, hints } = await failure(run('echo hello > console; kill -KILL $$'));
  expect(message).toMatch(/signal SIGKILL(.|\n)*hello/);
  expect(hints).toContain('memory');
  expect(hints).toContain(join(directory, 'console'));
  expect(hints).toContain(join(directory, 'emulator.log'));
});

test('an emulator that gives up: its error, and not its warnings', async () => {
  const script = `
    echo "qemu: cannot set up guest memory: Cannot allocate memory" >&2
    echo "qemu: warning: hub 0 is not connected" >&2
    exit 1`;
  const { message, hints } = await failure(run(script));
  expect(message).toMatch(/status 1: qemu: cannot set up guest memory/);
  expect(hints).toContain('lacks memory');
});

test('an emulator that is not there', async () => {
  const { message } = await failure(run('exec /no/such/emulator'));
  expect(message).toMatch(/status 127: .*\/no\/such\/emulator/);
});

test('a panic of the host: its line, and the console', async () => {
  const { message, hints } = await failure(
    run('echo "[    1.5] Kernel panic - not syncing: no init" > console'),
  );
  expect(message).toBe('the emulated host: Kernel panic - not syncing: no init');
  expect(hints).toContain(join(directory, 'console'));
});

/** What the agent writes when it fails with `error`. */
async function agentThatFailsWith(error: unknown): Promise<string> {
  const event = { event: 'failed', error: errorToJson(error) };
  await writeFile(join(directory, 'failed'), `${JSON.stringify(event)}\n`);
  return 'cat failed >> events; exec sleep 60';
}

test('a failure that the agent reports: its hints, facts and causes', async () => {
  const cause = new EvenkeelError('cannot read /proc/x', { fields: { path: '/proc/x' } });
  const script = await agentThatFailsWith(
    new EvenkeelError('no guest “rt0”', {
      ...{ cause, exitCode: 3, hints: ['Look at its console.'] },
      fields: { consoleFile: '/run/artifacts/console-rt0.log', exitStatus: 1 },
    }),
  );
  const error = await errorOf(run(script));
  expect(error).toBeInstanceOf(EmulatedHostError);
  expect(error.message).toBe('the emulated host: no guest “rt0”');
  expect(error.hints).toEqual([
    'Look at its console.',
    `Its console is in ${join(directory, 'console')}.`,
  ]);
  expect(error.fields).toEqual({ consoleFile: join(directory, 'console'), exitStatus: 1 });
  expect(error.exitCode).toBe(3);
  expect(causesOf(error)).toMatchObject([
    { name: 'EvenkeelError', fields: { consoleFile: '/run/artifacts/console-rt0.log' } },
    { message: 'cannot read /proc/x', fields: { path: '/proc/x' } },
  ]);
  expect(await isRunning()).toBe(false);
});

test('a bug of the agent: where it is', async () => {
  const bug = new TypeError('x is undefined');
  const { message } = await failure(run(await agentThatFailsWith(bug)));
  expect(message).toBe(`the emulated host: ${bug.stack}`);
});

test('a failure of the system under the agent: what it says', async () => {
  const reason = await readFile('/no/such/file').catch((error: unknown) => error);
  const error = await errorOf(run(await agentThatFailsWith(reason)));
  expect(error.message).toBe(
    "the emulated host: ENOENT: no such file or directory, open '/no/such/file'",
  );
  expect(error.fields).toMatchObject({ code: 'ENOENT', path: '/no/such/file' });
});

test('an event that is none', async () => {
  const script = `echo '{"event":"step","step":7,"uptimeS":1}' >> events; exec sleep 60`;
  const { message } = await failure(run(script));
  expect(message).toMatch(/its events are damaged: .*\/events:1: step: .*expected string/);
});

test.each(['exec sleep 60', 'kill -STOP $$'])('ends one that hangs: %s', async (script) => {
  const step = `echo '{"event":"step","step":"booting the guests","uptimeS":1}' >> events`;
  const { message, hints } = await failure(run(`${step}; ${script}`, never, hasty));
  expect(message).toMatch(/nothing has moved for .* last step: booting the guests/);
  expect(hints).toContain(join(directory, 'console'));
  expect(await isRunning()).toBe(false);
});

const beat = (uptimeS: number, guestCpuNs: number) =>
  `echo '{"event":"heartbeat","uptimeS":${uptimeS},"guestCpuNs":${guestCpuNs}}' >> events`;

test('does not take one for hung whose guests run, and whose command is silent', async () => {
  const beats = [1, 2, 3, 4, 5].map((s) => `${beat(s, s * 1000)}; sleep 0.1`);
  const script = [...beats, `echo '{"event":"done"}' >> events`].join('; ');
  await run(script, never, { pollMs: 5, stallPolls: 100, idleGuestsS: 2 });
});

test('ends one whose guests do not run', async () => {
  const { message } = await failure(
    run(`${beat(1, 5)}; ${beat(30, 5)}; exec sleep 60`, never, { ...limits, idleGuestsS: 20 }),
  );
  expect(message).toMatch(/no guest has run for 29 s of the machine's time, last step: booting/);
  expect(await isRunning()).toBe(false);
});

test('ends a command that runs for too long, and names the option', async () => {
  const script = `echo '{"event":"running"}' >> events; exec sleep 60`;
  const error = await errorOf(run(script, never, { ...limits, commandTimeoutMs: 100 }));
  expect(error.message).toBe(
    'the emulated host: the command had not ended after 0.1 s, and was ended',
  );
  expect(error.hints[0]).toContain('--timeout');
  expect(error.exitCode).toBe(2);
  expect(await isRunning()).toBe(false);
});

test('gives booting, and the end after the command, time beyond that of the command', async () => {
  const script = `
    sleep 0.3; echo '{"event":"running"}' >> events
    echo '{"event":"exit","status":0}' >> events; sleep 0.3
    echo '{"event":"done"}' >> events`;
  expect(await run(script, never, { ...limits, commandTimeoutMs: 100 })).toEqual({
    commandStatus: 0,
  });
});

test('does not take one for hung that is ready to run and gets no CPU', async () => {
  // It has a fifth of one CPU, and says nothing until it has had as much of it as it is given time to. It waits
  // for no other process meanwhile: what another has to wait for a CPU is not its own.
  const script = `exec taskset --cpu-list 0 sh -c '
    for other in 1 2 3 4; do timeout 60 sh -c "while :; do :; done" & others="$others $!"; done
    echo ready > stdout
    until read -r _ _ _ _ _ _ _ _ _ _ _ _ _ user system _ < /proc/$$/stat &&
      [ $((user + system)) -gt 50 ]; do :; done
    kill $others
    echo "{\\"event\\":\\"done\\"}" >> events'`;
  await run(script, never, { pollMs: 10, stallPolls: 100 });
});

test('is interrupted, and has ended the emulator by then', async () => {
  const stop = new AbortController();
  const host = run('exec sleep 60', stop.signal);
  const hasStarted = () => readFile(join(directory, 'pid'), 'utf8').catch(() => '');
  await expect.poll(hasStarted).toMatch(/\n/);
  stop.abort();
  await expect(host).rejects.toThrow(InterruptedError);
  expect(await isRunning()).toBe(false);
});

test('is interrupted also if the emulator has heard of it first', async () => {
  const stop = new AbortController();
  const host = run('exit 0', stop.signal, { pollMs: 50, stallPolls: 1000 });
  stop.abort();
  await expect(host).rejects.toThrow(InterruptedError);
});

test('a run whose capture did not fit on the disk does not count', async () => {
  const script = `
    echo '{"event":"done"}' >> events
    echo "qemu: network dump write error - stopping dump" >&2`;
  const { message, hints } = await failure(run(script));
  expect(message).toContain('the capture is not complete');
  expect(hints).toContain('disk is full');
});

test('events that did not fit on the disk', async () => {
  const { message } = await failure(run(`echo '{"event":"st{"event"' >> events; exec sleep 60`));
  expect(message).toMatch(/its events are damaged: .*\/events:1/);
  expect(await isRunning()).toBe(false);
});
