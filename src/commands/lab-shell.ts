import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { methodById, methodIds, methodOfGuest } from '../methods/catalogue.js';
import { type ShellPlace, shellPlaces, type UserTerminal } from '../plan/job.js';
import { EvenkeelError } from '../process/errors.js';
import type { HostRun } from '../sites/lab/emulated-host.js';
import { inJobFolder } from '../sites/lab/job-folder.js';
import { runJob } from '../sites/lab/run-job.js';
import { prepareTestbed } from '../sites/lab/testbed.js';
import { guestPackagesOption } from './guest-packages-option.js';
import { startSession } from './session.js';
import { joinTerminal, makeTerminalRaw } from './terminal.js';
import { addTestbedOptions, conditionsOf, type TestbedFlags } from './testbed-options.js';

interface ShellFlags extends Partial<TestbedFlags> {
  readonly in: ShellPlace;
  readonly method: string;
  readonly guestPackages: readonly string[];
}

const connectTimeoutMs = 30_000;
const connectPollMs = 100;

export function labShellCommand(): Command {
  const command = new Command('shell')
    .summary('open a shell on the emulated host or in a guest')
    .description(
      'Boots the testbed, applies the method, and opens a shell; leaving it ends the machine. ' +
        "The exit status is the shell's. Ctrl-] ends the machine at once, for when it hangs.",
    )
    .addOption(new Option('--in <place>', 'where').choices(shellPlaces).default('host'))
    .option('--method <id>', `method, one of ${methodIds.join(', ')}`, 'threaded')
    .addOption(guestPackagesOption());
  return addTestbedOptions(command, { heavyVms: 0, guestMemory: 512 }, [
    'rtServer',
    'requests',
    'paper',
  ])
    .addHelpText(
      'after',
      `
--in heavy starts one Heavy Receiver, unless --heavy-vms asks for more.
On the instruction clock, time in the machine differs from yours: it passes more slowly while the machine works,
and faster while it idles. --clock wall keeps real time, and takes longer to boot.
On the host, the shell runs on the outside CPU, as the clients do; \`taskset -c 0 COMMAND\` runs one on CPU 0.

Examples:
  evenkeel lab shell
  evenkeel lab shell --in rt --guest-packages strace
  evenkeel lab shell --in heavy --method exclusive`,
    )
    .action(shell);
}

async function shell(flags: ShellFlags, command: Command): Promise<void> {
  const terminal = userTerminal();
  const oneHeavyVm = flags.in === 'heavy' && command.getOptionValueSource('heavyVms') === 'default';
  const conditions = conditionsOf(oneHeavyVm ? { ...flags, heavyVms: 1 } : flags);
  const method = flags.in === 'rt' ? methodOfGuest(flags.method) : methodById(flags.method);
  if (flags.in === 'heavy' && conditions.heavyVms === 0) {
    throw new EvenkeelError('--in heavy needs --heavy-vms 1 or more');
  }
  const { progress, signal, labBuilder } = startSession();
  const builder = labBuilder();
  const testbed = await prepareTestbed(builder, conditions, [method]);
  const { image, sizeBytes } = await builder.buildGuestRoot(flags.guestPackages);

  await inJobFolder('shell', signal, async (directory) => {
    const left = new AbortController();
    const stop = AbortSignal.any([signal, left.signal]);
    const socket = join(directory, 'terminal');
    try {
      const { job, machine } = await progress.task(`open a shell (${flags.in})`, async (task) => {
        const job = runJob(
          testbed,
          {
            job: { kind: 'shell', method, conditions, place: flags.in, terminal },
            seed: 1,
            guestDisk: { file: image, sizeBytes },
            terminal: socket,
          },
          directory,
          task.detail,
          stop,
        );
        const machine = await Promise.race([firstOutput(socket, stop), job.then(withoutShell)]);
        return { job, machine };
      });
      progress.note('exit leaves the shell, Ctrl-] ends a machine that hangs');
      process.exitCode = await useTerminal(machine, job, () => left.abort());
    } finally {
      left.abort();
    }
  });
}

/** @throws EvenkeelError without a terminal: the shell would not know where lines end, or who types */
function userTerminal(): UserTerminal {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new EvenkeelError('a shell needs a terminal on stdin and on stdout', {
      hints: ['`evenkeel lab exec` runs a command in a guest without one.'],
    });
  }
  const { rows, columns } = stdout;
  const { TERM = 'dumb' } = process.env;
  return { rows, columns, type: TERM };
}

/**
 * Connects to the emulator's terminal; the emulator waits for that before it starts the machine.
 * @returns the connection when something has come from it, which is the shell's prompt
 */
async function firstOutput(path: string, signal: AbortSignal): Promise<Socket> {
  const machine = await connect(path, signal);
  // How the emulator ended is for the job to say.
  machine.on('error', () => undefined);
  return await new Promise<Socket>((resolve) => {
    machine.once('data', (bytes) => {
      machine.pause();
      machine.unshift(bytes);
      resolve(machine);
    });
  });
}

async function connect(path: string, signal: AbortSignal): Promise<Socket> {
  const deadline = Date.now() + connectTimeoutMs;
  for (;;) {
    const socket = createConnection(path);
    try {
      await once(socket, 'connect', { signal });
      return socket;
    } catch (cause) {
      socket.destroy();
      if (signal.aborted || Date.now() > deadline) {
        throw new EvenkeelError('the emulator did not open its terminal', { cause });
      }
      await delay(connectPollMs);
    }
  }
}

function withoutShell(): never {
  throw new EvenkeelError('the machine stopped before it had opened a shell');
}

/** @returns the shell's exit status */
async function useTerminal(
  machine: Socket,
  job: Promise<HostRun>,
  leave: () => void,
): Promise<number> {
  // A terminal that is closed fails here, and its SIGHUP ends the machine.
  process.stdin.on('error', () => undefined);
  const restore = makeTerminalRaw();
  const part = joinTerminal({ keys: process.stdin, screen: process.stdout }, machine, () => {
    process.stdout.write('\r\n');
    leave();
  });
  try {
    const { commandStatus } = await job;
    if (commandStatus === undefined) throw new Error('the agent did not say how the shell ended');
    return commandStatus;
  } finally {
    part();
    restore();
    machine.destroy();
  }
}
