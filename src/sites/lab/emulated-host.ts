import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentEvent } from '../../plan/agent-event.js';
import { EvenkeelError, InterruptedError } from '../../process/errors.js';
import { systemErrorHints } from '../../process/system-errors.js';
import { AgentEvents } from './agent-events.js';
import {
  agentFailure,
  EmulatedHostError,
  hostFailure,
  requireCompleteCapture,
  unexpectedEnd,
} from './host-failures.js';
import { type Machine, machineCommand } from './machine.js';
import { StallDetector, type StallLimits } from './stall.js';

/** How the machine is watched. */
export interface WatchLimits extends StallLimits {
  /** How long the command of a job may run, on the clock of this computer. */
  readonly commandTimeoutMs?: number | undefined;
}

/** 300 s: even 100 guests that boot on two CPUs say something every few seconds of real time. */
const defaultLimits: WatchLimits = { pollMs: 200, stallPolls: 1500, idleGuestsS: 600 };
/** How long a killed emulator may take to be gone. */
const killGraceMs = 10_000;

export interface HostRun {
  /** The exit status of the command or shell, if the job was to run one. */
  readonly commandStatus: number | undefined;
}

/**
 * Starts the emulated host and waits until its agent has done its job and the machine has stopped.
 *
 * @param onStep called with the agent's steps as they begin
 * @param whileRunning called several times a second, and once more after the machine has stopped
 * @throws EmulatedHostError if the agent failed, the kernel panicked, the emulator died, the command took
 *   too long, or nothing moved any more (stall.ts); it names the console's log
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
  limits: Partial<WatchLimits> = {},
): Promise<HostRun> {
  if (signal.aborted) throw new InterruptedError();
  const emulator = await startEmulator(machineCommand(machine), emulatorLog);
  try {
    const bounds = { ...defaultLimits, ...limits };
    const run = await watch(machine, emulator, emulatorLog, onStep, signal, whileRunning, bounds);
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

/** What the agent has told so far. */
interface Told {
  lastStep: string;
  /** When the command began, by `performance.now()`. */
  runningSinceMs: number | undefined;
  commandStatus: number | undefined;
  waitsForUser: boolean;
  done: boolean;
}

async function watch(
  machine: Machine,
  emulator: ChildProcess,
  emulatorLog: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
  whileRunning: () => Promise<void>,
  limits: WatchLimits,
): Promise<HostRun> {
  const { ports } = machine;
  const watched = [ports.console, ports.events, ports.stdout, ports.stderr, machine.capture];
  const events = new AgentEvents(ports.events);
  const stall = new StallDetector(limits);
  const told: Told = {
    ...{ lastStep: 'booting', runningSinceMs: undefined, commandStatus: undefined },
    ...{ waitsForUser: false, done: false },
  };
  for (;;) {
    const isOver = hasEnded(emulator);
    const news = await readEvents(machine, events);
    for (const event of news) take(event, told, machine, onStep);
    await whileRunning();

    if (isOver && told.done) return { commandStatus: told.commandStatus };
    if (signal.aborted) throw new InterruptedError();
    if (isOver) throw await unexpectedEnd(machine, emulator, emulatorLog);
    requireInTime(machine, told, limits);
    if (!told.waitsForUser) {
      const stalled = stall.look({
        writtenBytes: await totalSize(watched),
        waitedForCpuMs: await waitedForCpuMs(emulator.pid),
        heartbeats: news.filter((event) => event.event === 'heartbeat'),
      });
      if (stalled !== undefined) throw hung(machine, stalled, told);
    }
    await delay(limits.pollMs);
  }
}

/** @throws EmulatedHostError if the event is that the agent has failed */
function take(
  event: AgentEvent,
  told: Told,
  machine: Machine,
  onStep: (step: string) => void,
): void {
  switch (event.event) {
    case 'step':
      told.lastStep = event.step;
      onStep(event.step);
      return;
    case 'running':
      told.runningSinceMs = performance.now();
      return;
    case 'shell':
      told.waitsForUser = true;
      return;
    case 'exit':
      told.commandStatus = event.status;
      return;
    case 'done':
      told.done = true;
      return;
    case 'failed':
      throw agentFailure(machine, event.error);
    case 'heartbeat':
      return;
  }
}

/** @throws EmulatedHostError if the command has run for longer than it may, and has not ended */
function requireInTime(machine: Machine, told: Told, { commandTimeoutMs }: WatchLimits): void {
  const { runningSinceMs = performance.now(), commandStatus } = told;
  if (commandTimeoutMs === undefined || commandStatus !== undefined) return;
  if (performance.now() - runningSinceMs <= commandTimeoutMs) return;
  const seconds = commandTimeoutMs / 1000;
  throw hostFailure(machine, `the command had not ended after ${seconds} s, and was ended`, {
    hints: ['A longer --timeout gives it more time.'],
    fields: { timeoutS: seconds },
  });
}

function hung(machine: Machine, why: string, { lastStep }: Told): EmulatedHostError {
  return hostFailure(machine, `${why}, last step: ${lastStep}`, { fields: { lastStep } });
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

async function readEvents(machine: Machine, events: AgentEvents): Promise<AgentEvent[]> {
  try {
    return await events.read();
  } catch (cause) {
    if (!(cause instanceof EvenkeelError)) throw cause;
    throw hostFailure(machine, `its events are damaged: ${cause.message}`, { cause });
  }
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
