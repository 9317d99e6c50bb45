import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { type ShellPlace, shellPlaces } from '../agent/job.js';
import { EvenkeelError } from '../errors.js';
import { methodById, methodIds } from '../methods/catalogue.js';
import { runJob } from '../testbed/run-job.js';
import { prepareTestbed } from '../testbed/testbed.js';
import { guestPackagesOption } from './guest-packages-option.js';
import { startSession } from './session.js';
import { addTestbedOptions, type TestbedFlags, testbedOptions } from './testbed-options.js';

interface ShellFlags extends Partial<TestbedFlags> {
  readonly in: ShellPlace;
  readonly method: string;
  readonly guestPackages: readonly string[];
}

const connectTimeoutMs = 30_000;

export function labShellCommand(): Command {
  const command = new Command('shell')
    .summary('open a shell on the emulated host or in a guest')
    .description(
      'Boots the testbed on the wall clock and opens a shell; leaving it ends the machine.',
    )
    .addOption(new Option('--in <place>', 'where').choices(shellPlaces).default('host'))
    .option('--method <id>', `method, one of ${methodIds.join(', ')}`, 'threaded')
    .addOption(guestPackagesOption());
  const defaults = { heavyVms: 0, guestMemory: 512, clock: 'wall' } as const;
  return addTestbedOptions(command, defaults, ['requests', 'paper'])
    .addHelpText(
      'after',
      '\nExamples:\n  evenkeel lab shell\n  evenkeel lab shell --in rt\n  evenkeel lab shell --in heavy --heavy-vms 1',
    )
    .action(shell);
}

async function shell(flags: ShellFlags): Promise<void> {
  const options = testbedOptions(flags);
  const method = methodById(flags.method);
  if (flags.in === 'heavy' && options.size.heavyVms === 0) {
    throw new EvenkeelError('--in heavy needs --heavy-vms 1 or more');
  }
  const { progress, signal, labBuilder } = startSession();
  const builder = labBuilder();
  const testbed = await prepareTestbed(builder, options, [method]);
  const { image, sizeBytes } = await builder.buildGuestRoot(flags.guestPackages);

  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-shell-'));
  const terminal = join(directory, 'terminal');
  let connection: Socket | undefined;
  try {
    const job = runJob(
      testbed,
      {
        method,
        seed: 1,
        work: { kind: 'shell', place: flags.in },
        guestDisk: { file: image, sizeBytes },
        terminal,
      },
      directory,
      (step) => progress.note(step),
      signal,
    );
    // The emulator waits for us to connect before it starts the machine.
    const [socket] = await Promise.all([
      connect(terminal, signal).then((opened) => {
        connection = opened;
        attach(opened);
        return opened;
      }),
      job,
    ]);
    socket.end();
  } finally {
    connection?.destroy();
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    process.stdin.pause();
    await rm(directory, { recursive: true, force: true });
  }
}

async function connect(path: string, signal: AbortSignal): Promise<Socket> {
  const deadline = Date.now() + connectTimeoutMs;
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = createConnection(path, () => resolve(socket));
        socket.once('error', reject);
      });
    } catch (cause) {
      if (signal.aborted || Date.now() > deadline) {
        throw new EvenkeelError('the emulator did not open its terminal', { cause });
      }
      await delay(100);
    }
  }
}

/** Keys go to the machine as they are, Ctrl-C among them. */
function attach(socket: Socket): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(true);
  process.stdin.pipe(socket, { end: false });
  socket.pipe(process.stdout, { end: false });
  // The emulator closes the connection when the machine stops.
  socket.on('error', () => undefined);
}
