import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import { EvenkeelError } from '../errors.js';
import { FileTail } from '../lab/file-tail.js';
import { copiesArchive } from '../lab/initramfs.js';
import { methodById, methodIds } from '../methods/catalogue.js';
import { jobFiles, runJob } from '../testbed/run-job.js';
import { bootOf, prepareTestbed, type Testbed } from '../testbed/testbed.js';
import { wholeNumber } from './arguments.js';
import { guestPackagesOption } from './guest-packages-option.js';
import { startSession } from './session.js';
import { addTestbedOptions, type TestbedFlags, testbedOptions } from './testbed-options.js';

interface ExecFlags extends Partial<TestbedFlags> {
  readonly method: string;
  readonly seed: number;
  readonly guestPackages: readonly string[];
  readonly copy: readonly string[];
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
        "a file for the guest's home folder, where the command starts (repeatable)",
      )
        .argParser((file: string, files: string[]) => [...files, file])
        .default([], 'none'),
    )
    .option('--seed <n>', 'seed of the machine', wholeNumber, 1);
  const defaults = { heavyVms: 0, guestMemory: 512 };
  return addTestbedOptions(command, defaults, ['rtVms', 'requests', 'paper'])
    .addHelpText(
      'after',
      `
Examples:
  evenkeel lab exec -- uname -a
  evenkeel lab exec --guest-packages python3-minimal --copy test.py -- python3 test.py
  evenkeel lab exec --method exclusive -- sh -c 'cat /proc/interrupts; exit 3'`,
    )
    .action(exec);
}

async function exec(command: string[], flags: ExecFlags): Promise<void> {
  const options = testbedOptions(flags);
  const method = methodById(flags.method);
  const { progress, signal, labBuilder } = startSession();
  const builder = labBuilder();
  const testbed = await prepareTestbed(builder, options, [method]);
  const { image, sizeBytes } = await builder.buildGuestRoot(flags.guestPackages);

  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-exec-'));
  try {
    const initramfs = join(directory, 'initramfs');
    await writeFile(initramfs, await initramfsWithCopies(testbed, method.kernel, flags.copy));
    const tails = [
      new FileTail(join(directory, jobFiles.stdout), (bytes) => process.stdout.write(bytes)),
      new FileTail(join(directory, jobFiles.stderr), (bytes) => process.stderr.write(bytes)),
    ];
    const { commandStatus } = await progress.task(`lab exec ${command[0]}`, ({ detail }) =>
      runJob(
        testbed,
        {
          method,
          seed: flags.seed,
          work: { kind: 'command', command },
          initramfs,
          guestDisk: { file: image, sizeBytes },
        },
        directory,
        detail,
        signal,
        async () => {
          for (const tail of tails) await tail.pump();
        },
      ),
    );
    process.exitCode = commandStatus ?? 0;
  } catch (error) {
    throw await withConsole(error, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function initramfsWithCopies(
  testbed: Testbed,
  flavour: 'rt' | 'non-rt',
  files: readonly string[],
): Promise<Buffer> {
  const initramfs = await readFile(bootOf(testbed, flavour).image.initramfs);
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
  return Buffer.concat([initramfs, copiesArchive(copies)]);
}

/** The console is gone with the temporary folder, so the error takes its end along. */
async function withConsole(error: unknown, directory: string): Promise<unknown> {
  if (!(error instanceof EvenkeelError)) return error;
  const lines: string[] = [];
  for (const name of [jobFiles.console, 'console-rt0.log', 'qemu-rt0.log']) {
    const text = await readFile(join(directory, name), 'latin1').catch(() => '');
    const last = text.trimEnd().split('\n').slice(-8);
    if (text !== '') lines.push(`${name}:`, ...last.map((line) => `  ${line}`));
  }
  return new EvenkeelError(error.message, { cause: error, hints: lines, exitCode: error.exitCode });
}
