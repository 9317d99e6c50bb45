import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentEvent } from '../../plan/job.js';
import { EvenkeelError, InterruptedError } from '../../process/errors.js';
import { systemErrorHints } from '../../process/system-errors.js';
import { type Machine, machineCommand } from './machine.js';

/** How the machine is watched. */
export interface WatchLimits {
  readonly pollMs: number;
  /**
   * After so many looks at a machine that has written nothing anywhere it counts as hung. Looks and not
   * time, so that a computer that was asleep, or a job that was stopped with Ctrl-Z, is no hung machine; and
   * less the time for which the machine had to wait for a CPU of a busy computer.
   */
  readonly stallPolls: number;
}

/** 300 s: even 100 guests that boot on two CPUs say something every few seconds of real time. */
const defaultLimits: WatchLimits = { pollMs: 200, stallPolls: 1500 };
/** How long a killed emulator may take to be gone. */
const killGraceMs = 10_000;
const consoleLinesInErrors = 15;

/** The emulated host stopped without having done its job. */
export class EmulatedHostError extends EvenkeelError {
  override name = 'EmulatedHostError';
}

export interface HostRun {
  /** The exit status of the command or shell, if the job was to run one. */
  readonly commandStatus: number | undefined;
}

/**
 * Starts the emulated host and waits until its agent has done its job and the machine has stopped.
 *
 * @param onStep called with the agent's steps as they begin
 * @param whileRunning called several times a second, and once more after the machine has stopped
 * @throws EmulatedHostError if the agent failed, the kernel panicked, the emulator died or nothing
 *   moved any more; it names the console's log
 * @throws InterruptedError if `signal` was raised
 *
 * The emulator is gone when this returns or throws.
 */
export async function runEmulatedHost(
  machine: Machine,
  emulatorLog: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
  whileRunning: () => Promise<void> = async () => {},
  limits: WatchLimits = defaultLimits,
): Promise<HostRun> {
  if (signal.aborted) throw new InterruptedError();
  const emulator = await startEmulator(machineCommand(machine), emulatorLog);
  try {
    const run = await watch(machine, emulator, emulatorLog, onStep, signal, whileRunning, limits);
    await requireCompleteCapture(emulatorLog);
    return run;
  } finally {
    await kill(emulator);
  }
}

/**
 * `setpriv` has the kernel end the emulator with us, in whatever way we end. In a session of its own the
 * emulator hears nothing of the terminal's Ctrl-C, so that there is one way to end it.
 */
async function startEmulator(command: readonly string[], logFile: string): Promise<ChildProcess> {
  const log = await open(logFile, 'w');
  try {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return child;
  } catch (cause) {
    throw new EmulatedHostError(`cannot start the emulator: ${(cause as Error).message}`, {
      cause,
      hints: systemErrorHints(cause) ?? [],
    });
  } finally {
    await log.close();
  }
}

async function kill(emulator: ChildProcess): Promise<void> {
  if (hasEnded(emulator)) return;
  const end = once(emulator, 'exit');
  emulator.kill('SIGKILL');
  await Promise.race([end, delay(killGraceMs, undefined, { ref: false })]);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function watch(
  machine: Machine,
  emulator: ChildProcess,
  emulatorLog: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
  whileRunning: () => Promise<void>,
  { pollMs, stallPolls }: WatchLimits,
): Promise<HostRun> {
  const { ports } = machine;
  const watched = [ports.console, ports.events, ports.stdout, ports.stderr, machine.capture];
  let seen = 0;
  let written = -1;
  let pollsWithoutChange = 0;
  let waitedBeforeMs = 0;
  let commandStatus: number | undefined;
  let done = false;
  let waitsForUser = false;

  for (;;) {
    const isOver = hasEnded(emulator);
    const events = await readEvents(machine);
    for (const event of events.slice(seen)) {
      if (event.event === 'step') onStep(event.step);
      if (event.event === 'shell') waitsForUser = true;
      if (event.event === 'exit') commandStatus = event.status;
      if (event.event === 'done') done = true;
      if (event.event === 'failed') throw failure(machine, event.message);
    }
    seen = events.length;
    await whileRunning();

    if (isOver && done) return { commandStatus };
    if (signal.aborted) throw new InterruptedError();
    if (isOver) throw await unexpectedEnd(machine, emulator, emulatorLog);

    const nowWritten = await totalSize(watched);
    if (nowWritten !== written) {
      written = nowWritten;
      pollsWithoutChange = 0;
      waitedBeforeMs = await waitedForCpuMs(emulator.pid);
    } else {
      pollsWithoutChange += 1;
    }
    if (!waitsForUser && pollsWithoutChange > stallPolls) {
      const waitedMs = (await waitedForCpuMs(emulator.pid)) - waitedBeforeMs;
      if ((pollsWithoutChange - stallPolls) * pollMs > waitedMs) {
        const last = events.findLast((event) => event.event === 'step')?.step ?? 'booting';
        const seconds = Math.round((stallPolls * pollMs) / 1000);
        throw failure(machine, `nothing has moved for ${seconds} s, last step: ${last}`);
      }
    }
    await delay(pollMs);
  }
}

/**
 * For how long the threads of a process were ready to run and did not: the second field of schedstat, in ns
 * (Documentation/scheduler/sched-stats.rst). Threads that have ended do not count.
 */
async function waitedForCpuMs(pid: number | undefined): Promise<number> {
  const folder = `/proc/${pid}/task`;
  let ms = 0;
  for (const tid of await readdir(folder).catch(() => [])) {
    const schedstat = await readFile(`${folder}/${tid}/schedstat`, 'utf8').catch(() => '');
    ms += Number(schedstat.split(' ')[1] ?? 0) / 1e6;
  }
  return ms;
}

/** Whole lines only: the last one may be half written. */
async function readEvents(machine: Machine): Promise<AgentEvent[]> {
  const lines = (await readIfThere(machine.ports.events)).split('\n').slice(0, -1);
  return lines.map((line) => {
    try {
      return JSON.parse(line) as AgentEvent;
    } catch {
      // What does not fit on a full disk is missing in the middle.
      throw failure(machine, `${machine.ports.events} is damaged: ${line}`);
    }
  });
}

function failure(machine: Machine, message: string): EmulatedHostError {
  return new EmulatedHostError(`the emulated host: ${message}`, {
    hints: [`Its console is in ${machine.ports.console}.`],
  });
}

async function unexpectedEnd(
  machine: Machine,
  emulator: ChildProcess,
  emulatorLog: string,
): Promise<EmulatedHostError> {
  const console = (await readIfThere(machine.ports.console)).trimEnd().split('\n');
  const panic = console.find((line) => line.includes('Kernel panic'));
  if (panic !== undefined) return failure(machine, panic.replace(/^\[[^\]]*\] /, ''));
  const { exitCode, signalCode } = emulator;
  const how = signalCode === null ? `status ${exitCode}` : `signal ${signalCode}`;
  const emulatorSays = await lastError(emulatorLog);
  const lines = console.slice(-consoleLinesInErrors).filter((line) => line !== '');
  return new EmulatedHostError(
    [
      `the emulator stopped before the job of its machine was done, with ${how}${emulatorSays === undefined ? '' : `: ${emulatorSays}`}`,
      ...lines,
    ].join('\n  | '),
    {
      hints: [
        ...causesOf(machine, signalCode, emulatorSays),
        `The machine's console is in ${machine.ports.console}, the emulator's output in ${emulatorLog}.`,
      ],
    },
  );
}

/** The last line that the emulator printed and that is no warning. */
async function lastError(emulatorLog: string): Promise<string | undefined> {
  const lines = (await readIfThere(emulatorLog)).trim().split('\n');
  return lines.findLast((line) => line !== '' && !line.includes('warning:'));
}

function causesOf(
  { hostMemoryMiB }: Machine,
  signalName: NodeJS.Signals | null,
  emulatorSays = '',
): string[] {
  const killed = signalName === 'SIGKILL';
  if (killed || /Cannot allocate memory/.test(emulatorSays)) {
    const freeMiB = Math.round(freemem() / 2 ** 20);
    const machine = `the machine has ${hostMemoryMiB} MiB (--host-memory), ${freeMiB} MiB are free here now`;
    return [
      killed
        ? `If nobody killed it, the kernel did for lack of memory (see dmesg): ${machine}.`
        : `This computer lacks memory, or ulimit -v forbids it: ${machine}.`,
      'Stop other programs, or run fewer machines at a time (--parallel).',
    ];
  }
  // The artifacts are memory of the machine and a file of ours: that is how a full disk shows there.
  if (signalName === 'SIGBUS') return ['Probably the disk is full.'];
  return [];
}

/** The emulator goes on without a capture that it cannot write: then the run must not count. */
async function requireCompleteCapture(emulatorLog: string): Promise<void> {
  const complaint = await lastError(emulatorLog);
  if (complaint === undefined || !/dump write error/.test(complaint)) return;
  throw new EmulatedHostError(`the capture is not complete: ${complaint}`, {
    hints: ['Probably the disk is full.', `The emulator's output is in ${emulatorLog}.`],
  });
}

async function totalSize(files: readonly (string | undefined)[]): Promise<number> {
  let total = 0;
  for (const file of files) {
    if (file === undefined) continue;
    total += await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return total;
}

async function readIfThere(file: string): Promise<string> {
  return readFile(file, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
