import { Command } from 'commander';
import { ExitCode } from '../process/errors.js';
import { formatJson } from '../process/json.js';
import { Cache, cacheDirectory } from '../sites/lab/cache/cache.js';
import { cleanCache } from '../sites/lab/cache/contents.js';
import { checkMachine, gatherMachineFacts } from '../sites/lab/doctor.js';
import { removeTrees, showWait } from '../sites/lab/images/context.js';
import { debianKernelIds } from '../sites/lab/images/kernel.js';
import { labCalibrateCommand } from './lab-calibrate.js';
import { labExecCommand } from './lab-exec.js';
import { labShellCommand } from './lab-shell.js';
import { type Session, startSession } from './session.js';

export function labCommand(): Command {
  return new Command('lab')
    .summary('build, check and use the emulated host')
    .addCommand(buildCommand())
    .addCommand(cleanCommand())
    .addCommand(doctorCommand())
    .addCommand(labCalibrateCommand())
    .addCommand(labExecCommand())
    .addCommand(labShellCommand());
}

function buildCommand(): Command {
  return new Command('build')
    .summary("build the emulator, the images and Debian's kernels")
    .description(
      'Builds what the cache lacks. `compare`, `run` and others build what they need themselves, and only they ' +
        'build the debug kernel.',
    )
    .option(
      '--refresh',
      "take the distribution's current package versions instead of the locked ones",
    )
    .addHelpText('after', '\nExamples:\n  evenkeel lab build\n  evenkeel lab build --refresh')
    .action(async ({ refresh = false }: { refresh?: boolean }) => {
      const { labBuilder, progress } = startSession();
      const { kernels, emulator } = await labBuilder({ refresh }).buildLab({
        kernels: debianKernelIds,
      });
      progress.note(`emulator ${emulator.version}`);
      for (const { id, version } of kernels.values()) progress.note(`kernel ${id}: ${version}`);
    });
}

function cleanCommand(): Command {
  return new Command('clean')
    .summary('remove what was built')
    .description(
      'Removes the entries of the cache. Locked package versions and downloads stay, unless --all is given.',
    )
    .option('--all', 'also forget the locked package versions and the downloaded packages')
    .addHelpText('after', '\nExamples:\n  evenkeel lab clean\n  evenkeel lab clean --all')
    .action(async ({ all = false }: { all?: boolean }) => {
      await cleanCache(openCache(startSession()), { all, remove: removeTrees });
    });
}

function doctorCommand(): Command {
  return new Command('doctor')
    .summary('check what this machine needs for the lab')
    .description(
      'Checks programs, packages, root, disk, memory and the mirror, and changes nothing. A problem keeps the lab ' +
        'from working, and makes the exit status 1.',
    )
    .option('--json', 'print the checks as JSON')
    .addHelpText('after', '\nExamples:\n  evenkeel lab doctor\n  evenkeel lab doctor --json')
    .action(async ({ json = false }: { json?: boolean }) => {
      const session = startSession();
      const facts = await gatherMachineFacts(openCache(session), session.signal);
      const checks = checkMachine(facts);
      if (json) {
        process.stdout.write(formatJson({ schema: 'evenkeel.doctor/1', checks }));
      } else {
        for (const { name, status, detail, fix } of checks) {
          process.stdout.write(`${status.padEnd(8)} ${name}: ${detail}\n`);
          if (fix !== undefined) process.stdout.write(`         ${fix}\n`);
        }
      }
      if (checks.some(({ status }) => status === 'problem')) process.exitCode = ExitCode.findings;
    });
}

function openCache({ signal, progress }: Session): Cache {
  return new Cache(cacheDirectory(process.env), {
    signal,
    whileWaiting: showWait(progress),
    remove: removeTrees,
  });
}
