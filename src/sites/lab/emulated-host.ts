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
  const events = new AgentEvents(ports.events);
  let lastStep = 'booting';
  let written = -1;
  let pollsWithoutChange = 0;
  let waitedBeforeMs = 0;
  let commandStatus: number | undefined;
  let done = false;
  let waitsForUser = false;

  for (;;) {
    const isOver = hasEnded(emulator);
    for (const event of await readEvents(machine, events)) {
      if (event.event === 'step') {
        lastStep = event.step;
        onStep(lastStep);
      }
      if (event.event === 'shell') waitsForUser = true;
      if (event.event === 'exit') commandStatus = event.status;
      if (event.event === 'done') done = true;
      if (event.event === 'failed') throw agentFailure(machine, event.error);
    }
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
        const seconds = Math.round((stallPolls * pollMs) / 1000);
        throw hostFailure(machine, `nothing has moved for ${seconds} s, last step: ${lastStep}`, {
          fields: { seconds, lastStep },
        });
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
