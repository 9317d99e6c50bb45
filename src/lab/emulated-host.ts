import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentEvent } from '../agent/job.js';
import { EvenkeelError, InterruptedError } from '../errors.js';
import { type Machine, machineCommand } from './machine.js';

const pollMs = 200;
/**
 * A machine that has written nothing anywhere for so long hangs: even 100 guests that boot on two
 * CPUs say something every few seconds of real time.
 */
const stallTimeoutMs = 300_000;
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
 * @throws InterruptedError if `signal` was raised; the emulator is gone then
 */
export async function runEmulatedHost(
  machine: Machine,
  emulatorLog: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
  whileRunning: () => Promise<void> = async () => {},
): Promise<HostRun> {
  if (signal.aborted) throw new InterruptedError();
  const emulator = await startEmulator(machineCommand(machine), emulatorLog);
  try {
    return await watch(machine, emulator, emulatorLog, onStep, signal, whileRunning);
  } finally {
    emulator.kill('SIGKILL');
  }
}

/** `setpriv` has the kernel end the emulator with us, in whatever way we end. */
async function startEmulator(command: readonly string[], logFile: string): Promise<ChildProcess> {
  const log = await open(logFile, 'w');
  try {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return child;
  } catch (cause) {
    throw new EmulatedHostError(`cannot start the emulator: ${(cause as Error).message}`, {
      cause,
    });
  } finally {
    await log.close();
  }
}

async function watch(
  machine: Machine,
  emulator: ChildProcess,
  emulatorLog: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
  whileRunning: () => Promise<void>,
): Promise<HostRun> {
  const { ports } = machine;
  const watched = [ports.console, ports.events, ports.stdout, ports.stderr, machine.capture];
  let seen = 0;
  let written = -1;
  let lastChange = Date.now();
  let commandStatus: number | undefined;
  let done = false;
  let waitsForUser = false;

  for (;;) {
    const hasEnded = emulator.exitCode !== null || emulator.signalCode !== null;
    const events = await readEvents(ports.events);
    for (const event of events.slice(seen)) {
      if (event.event === 'step') onStep(event.step);
      if (event.event === 'shell') waitsForUser = true;
      if (event.event === 'exit') commandStatus = event.status;
      if (event.event === 'done') done = true;
      if (event.event === 'failed') throw failure(machine, event.message);
    }
    seen = events.length;
    await whileRunning();

    if (hasEnded && done) return { commandStatus };
    if (hasEnded) throw await unexpectedEnd(machine, emulator, emulatorLog);
    if (signal.aborted) throw new InterruptedError();

    const nowWritten = await totalSize(watched);
    if (nowWritten !== written) {
      written = nowWritten;
      lastChange = Date.now();
    } else if (!waitsForUser && Date.now() - lastChange > stallTimeoutMs) {
      const last = events.findLast((event) => event.event === 'step')?.step ?? 'booting';
      throw failure(
        machine,
        `nothing has moved for ${stallTimeoutMs / 1000} s, last step: ${last}`,
      );
    }
    await delay(pollMs);
  }
}

/** Whole lines only: the last one may be half written. */
async function readEvents(file: string): Promise<AgentEvent[]> {
  const lines = (await readIfThere(file)).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AgentEvent);
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
  const how =
    emulator.signalCode === null
      ? `status ${emulator.exitCode}`
      : `signal ${emulator.signalCode} (killed, or out of memory)`;
  const emulatorSays = (await readIfThere(emulatorLog)).trim().split('\n').at(-1) ?? '';
  return new EmulatedHostError(
    [
      `the emulated host stopped before its job was done, with ${how}: ${emulatorSays}`,
      ...console.slice(-consoleLinesInErrors),
    ].join('\n  | '),
    {
      hints: [
        `Its console is in ${machine.ports.console}, the emulator's output in ${emulatorLog}.`,
      ],
    },
  );
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
