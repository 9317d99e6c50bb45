#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { analyzeCommand, schemaCommand } from './commands/analyze.js';
import { cachesCommand } from './commands/caches.js';
import { ablationCommand, compareCommand } from './commands/compare.js';
import { inversionsCommand } from './commands/inversions.js';
import { labCommand } from './commands/lab.js';
import { methodsCommand } from './commands/methods.js';
import { pathCommand } from './commands/path.js';
import { reportCommand } from './commands/report.js';
import { runCommand } from './commands/run.js';
import { vmCommand } from './commands/vm.js';
import { ExitCode } from './process/errors.js';
import { reportFailure } from './process/failure-text.js';
import { evenkeelVersion } from './process/version.js';

function program(): Command {
  const evenkeel = new Command('evenkeel')
    .description(
      'Consistent network latency for KVM virtual machines that share a host with bulk traffic',
    )
    .version(evenkeelVersion)
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  evenkeel compare                 the methods side by side, on an emulated host
  evenkeel lab doctor              what this machine lacks for the lab
  evenkeel lab exec -- uname -a    a command in a VM of the emulated host

Exit status: 0 all is well, 1 a check failed, 2 wrong usage or a failure, 130 interrupted.`,
    );
  for (const command of [
    compareCommand(),
    ablationCommand(),
    runCommand(),
    analyzeCommand(),
    reportCommand(),
    inversionsCommand(),
    pathCommand(),
    cachesCommand(),
    methodsCommand(),
    labCommand(),
    vmCommand(),
    schemaCommand(),
  ]) {
    evenkeel.addCommand(command);
  }
  for (const command of withSubcommands(evenkeel)) command.exitOverride();
  return evenkeel;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

// Whoever reads the output may stop early, as `head` does; the work goes on. A terminal that is closed
// fails with EIO, and its SIGHUP ends the work in order.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints an error, a known one without its stack, and returns the exit status. */
function report(error: unknown): number {
  // Commander has printed what it has to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.failure;
  const known = reportFailure(error);
  if (known === undefined) {
    console.error(error);
    return ExitCode.failure;
  }
  console.error(`evenkeel: ${known.text}`);
  return known.exitCode;
}
