import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { type ErrorJson, errorFromJson } from '../../process/error-json.js';
import { type ErrorFacts, EvenkeelError } from '../../process/errors.js';
import type { Machine } from './machine.js';

/** Why the emulated host stopped without having done its job, told from what it has left. */

const consoleLinesInErrors = 15;

/** The emulated host stopped without having done its job. */
export class EmulatedHostError extends EvenkeelError {
  override name = 'EmulatedHostError';
}

/** A failure of the machine or of the system on it; its console says more. */
export function hostFailure(
  { ports }: Machine,
  message: string,
  { hints = [], fields, ...facts }: ErrorFacts = {},
): EmulatedHostError {
  return new EmulatedHostError(`the emulated host: ${message}`, {
    ...facts,
    hints: [...hints, `Its console is in ${ports.console}.`],
    fields: { ...fields, consoleFile: ports.console },
  });
}

/** The failure that the agent has reported, with all that it has said of it. */
export function agentFailure(machine: Machine, json: ErrorJson): EmulatedHostError {
  const cause = errorFromJson(json);
  if (cause instanceof EvenkeelError) {
    const { message, hints, fields, exitCode } = cause;
    return hostFailure(machine, message, { cause, hints, fields, exitCode });
  }
  // What the system reports is told by its message; anything else is a bug of the agent, told by its stack.
  const isOfSystem = (cause as NodeJS.ErrnoException).syscall !== undefined;
  const text = isOfSystem ? cause.message : (cause.stack ?? cause.message);
  return hostFailure(machine, text, { cause, fields: json.fields });
}

/** Why the emulator has ended before its machine's job was done. */
export async function unexpectedEnd(
  machine: Machine,
  { exitCode, signalCode }: ChildProcess,
  emulatorLog: string,
): Promise<EmulatedHostError> {
  const console = (await readIfThere(machine.ports.console)).trimEnd().split('\n');
  const panic = console.find((line) => line.includes('Kernel panic'));
  if (panic !== undefined) return hostFailure(machine, panic.replace(/^\[[^\]]*\] /, ''));
  const how = signalCode === null ? `status ${exitCode}` : `signal ${signalCode}`;
  const emulatorSays = await lastError(emulatorLog);
  const why = emulatorSays === undefined ? how : `${how}: ${emulatorSays}`;
  const lines = console.slice(-consoleLinesInErrors).filter((line) => line !== '');
  return new EmulatedHostError(
    [`the emulator stopped before the job of its machine was done, with ${why}`, ...lines].join(
      '\n  | ',
    ),
    {
      hints: [
        ...hintsFor(machine, signalCode, emulatorSays),
        `The machine's console is in ${machine.ports.console}, the emulator's output in ${emulatorLog}.`,
      ],
      fields: {
        ...{ exitStatus: exitCode, signal: signalCode, output: emulatorSays },
        ...{ consoleFile: machine.ports.console, logFile: emulatorLog },
      },
    },
  );
}

/**
 * The emulator goes on without a capture that it cannot write: then the run must not count.
 * @throws EmulatedHostError if that has happened
 */
export async function requireCompleteCapture(emulatorLog: string): Promise<void> {
  const complaint = await lastError(emulatorLog);
  if (complaint === undefined || !/dump write error/.test(complaint)) return;
  throw new EmulatedHostError(`the capture is not complete: ${complaint}`, {
    hints: ['Probably the disk is full.', `The emulator's output is in ${emulatorLog}.`],
    fields: { output: complaint, logFile: emulatorLog },
  });
}

/** The last line that the emulator printed and that is no warning. */
async function lastError(emulatorLog: string): Promise<string | undefined> {
  const lines = (await readIfThere(emulatorLog)).trim().split('\n');
  return lines.findLast((line) => line !== '' && !line.includes('warning:'));
}

function hintsFor(
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

async function readIfThere(file: string): Promise<string> {
  return readFile(file, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
