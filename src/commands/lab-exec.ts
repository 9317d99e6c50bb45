import { appendFile, copyFile, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import { methodIds, methodOfGuest } from '../methods/catalogue.js';
import { EvenkeelError } from '../process/errors.js';
import { makeOutputFolder } from '../process/output.js';
import { FileTail } from '../sites/lab/file-tail.js';
import { copiesArchive } from '../sites/lab/initramfs.js';
import { copyJobFolder, inJobFolder } from '../sites/lab/job-folder.js';
import { jobFiles, runJob } from '../sites/lab/run-job.js';
import { bootOf, prepareTestbed, type Testbed } from '../sites/lab/testbed.js';
import { duration, wholeNumber } from './arguments.js';
import { guestPackagesOption } from './guest-packages-option.js';
import { readScript } from './script-option.js';
import { startSession } from './session.js';
import { addTestbedOptions, conditionsOf, type TestbedFlags } from './testbed-options.js';

interface ExecFlags extends Partial<TestbedFlags> {
  readonly method: string;
  readonly seed: number;
  readonly guestPackages: readonly string[];
  readonly copy: readonly string[];
  readonly outside?: string;
  readonly logs?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

const maxCopiesBytes = 256 * 2 ** 20;

export function labExecCommand(): Command {
  const command = new Command('exec')
    .summary('run a command in a guest')
    .description(
      'Boots the emulated host and a Debian guest in the place of the RT VM, runs a command there and ' +
        'passes its output and its exit status on.',
    )
    .argument('<command...>', 'program and arguments; no shell interprets them')
    .option('--method <id>', `method, one of ${methodIds.join(', ')}`, 'threaded')
    .addOption(guestPackagesOption())
    .addOption(
      new Option(
        '--copy <file>',
        "a file for the guest's home folder, where the command starts, and for the outside's (repeatable)",
      )
        .argParser((file: string, files: string[]) => [...files, file])
        .default([], 'none'),
    )
    .option(
      '--outside <file>',
      "a script to run on the clients' side of the network as soon as the guest has booted; this command ends " +
        'with it, and passes its output and exit status on',
    )
    .addOption(
      new Option(
        '--timeout <duration>',
        'end the command after this time on your clock, for example 90s, 10m or 2h; booting does not count',
      )
        .argParser(duration)
        .default(undefined, 'none'),
    )
    .option('--seed <n>', 'seed of the machine', wholeNumber, 1)
    .option(
      '--logs <folder>',
      "keep what the machine leaves: the host's kernel log, the consoles, the capture at the RT NIC",
    );
  const defaults = { heavyVms: 0, guestMemory: 512 };
  return addTestbedOptions(command, defaults, ['rtVms', 'rtServer', 'requests', 'paper'])
    .addHelpText(
      'after',
      `
With --outside, the command usually is a server, and the script its client. The script runs in a Debian tree with
the same packages and files, on the outside CPU. What the guest prints then goes to stderr, each line after
"guest: ". If the command fails, all ends with its status; if it ends with 0, the script goes on. Both have the
variables GUEST_ADDRESS and OUTSIDE_ADDRESS. A bash script waits for the server like this:
  until (: </dev/tcp/$GUEST_ADDRESS/80) 2>/dev/null; do sleep 0.1; done

A command may be silent for as long as it likes. A machine that hangs is ended: one from which nothing has come for
300 s. (While a command runs, the machine reports every few seconds that its guests run.)

Examples:
  evenkeel lab exec -- uname -a
  evenkeel lab exec --timeout 10m -- sh -c 'make -j2 check'
  evenkeel lab exec --guest-packages python3-minimal --copy test.py -- python3 test.py
  evenkeel lab exec --method exclusive -- sh -c 'cat /proc/interrupts; exit 3'
  evenkeel lab exec --method outsourcing --guest-packages iperf3 --outside client.sh -- iperf3 -s`,
    )
    .action(exec);
}

async function exec(command: string[], flags: ExecFlags): Promise<void> {
  const conditions = conditionsOf(flags);
  const method = methodOfGuest(flags.method);
  const outside = flags.outside && (await readScript('--outside', flags.outside));
  if (flags.logs !== undefined) await makeOutputFolder(flags.logs, '--logs');
  const { progress, signal, labBuilder } = startSession();
  const builder = labBuilder();
  const testbed = await prepareTestbed(builder, conditions, [method]);
  const { image, sizeBytes } = await builder.buildGuestRoot(flags.guestPackages);
  const debian = { file: image, sizeBytes };

  await inJobFolder('exec', signal, async (directory) => {
    const initramfs = await initramfsWithCopies(testbed, method.kernel, flags.copy, directory);
    const output = new CommandOutput(directory);
    const { job } = await progress.task(`start ${command[0]}`, async ({ detail }) => {
      const job = runJob(
        testbed,
        {
          job: {
            ...({ kind: 'command', method, conditions, command } as const),
            ...(outside && { outside }),
          },
          seed: flags.seed,
          commandTimeoutMs: flags.timeout,
          initramfs,
          guestDisk: debian,
          ...(outside && { outsideRoot: debian }),
        },
        directory,
        detail,
        signal,
        () => output.pump(),
      );
      await Promise.race([output.begun, job]);
      return { job };
    });
    output.release();
    try {
      const { commandStatus } = await job;
      if (commandStatus === undefined)
        throw new Error('the agent did not say how the command ended');
      process.exitCode = commandStatus;
    } finally {
      await output.pump();
    }
    if (flags.logs !== undefined) await copyJobFolder(directory, flags.logs);
  });
}

/**
 * What the command writes goes to our stdout and stderr when progress has ended: progress would write
 * into the middle of its lines, and erase them on a terminal.
 */
class CommandOutput {
  /** Resolves when the command has written something. */
  readonly begun: Promise<void>;
  readonly #tails: readonly FileTail[];
  #begin = () => {};
  #released = false;

  constructor(directory: string) {
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.#tails = [
      new FileTail(join(directory, jobFiles.stdout), (bytes) => process.stdout.write(bytes)),
      new FileTail(join(directory, jobFiles.stderr), (bytes) => process.stderr.write(bytes)),
    ];
  }

  /** From now on, `pump` writes. */
  release(): void {
    this.#released = true;
  }

  async pump(): Promise<void> {
    for (const tail of this.#tails) {
      if (this.#released) await tail.pump();
      else if (await tail.hasMore()) this.#begin();
    }
  }
}

/** @returns the path of the boot image's initramfs or, if there are files to copy, of one with them */
async function initramfsWithCopies(
  testbed: Testbed,
  flavour: 'rt' | 'non-rt',
  files: readonly string[],
  directory: string,
): Promise<string> {
  const { initramfs } = bootOf(testbed, flavour).image;
  if (files.length === 0) return initramfs;
  let bytes = 0;
  const copies = [];
  for (const file of files) {
    const facts = await stat(file).catch((cause) => {
      throw new EvenkeelError(`--copy ${file}: ${cause.message}`, { cause });
    });
    if (!facts.isFile()) throw new EvenkeelError(`--copy ${file}: expected a file`);
    bytes += facts.size;
    if (bytes > maxCopiesBytes) {
      throw new EvenkeelError(`--copy: the files are larger than ${maxCopiesBytes / 2 ** 20} MiB`);
    }
    const content = await readFile(file);
    copies.push({ name: basename(file), mode: facts.mode & 0o777, content });
  }
  const path = join(directory, jobFiles.initramfs);
  await copyFile(initramfs, path);
  await appendFile(path, copiesArchive(copies));
  return path;
}
