import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { runComparison } from '../executors/compare.js';
import {
  ablationMethodIds,
  defaultMethodIds,
  methodById,
  methodIds,
} from '../methods/catalogue.js';
import { analyzeDirectory, writeReport } from '../results/result-directory.js';
import { withFolder } from '../run-folder/lock.js';
import { prepareTestbed } from '../sites/lab/testbed.js';
import { printTable } from './print-table.js';
import { methodsOption, parallelOption, seedsOption } from './run-set-options.js';
import { startSession } from './session.js';
import { addTestbedOptions, type TestbedFlags, testbedOptions } from './testbed-options.js';

interface ComparisonFlags extends Partial<TestbedFlags> {
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly out: string;
  readonly parallel: number;
  readonly json?: boolean;
}

export function compareCommand(): Command {
  return comparisonCommand('compare', 'results/compare')
    .summary('run methods with several seeds and compare them')
    .description(
      'Builds the lab if need be, runs each method with each seed on an emulated host with real ' +
        'kernels and real VMs, and prints the table. The report is written beside the result.',
    )
    .addOption(methodsOption(defaultMethodIds))
    .addOption(
      new Option('--all', 'all methods that there are')
        .conflicts('methods')
        .implies({ methods: methodIds }),
    )
    .addHelpText(
      'after',
      `
Runs that are in the folder already, with the same options and images, are kept.

Examples:
  evenkeel compare
  evenkeel compare --all --seeds 1
  evenkeel compare --methods threaded,threaded-napi --seeds 1-5 --out results/napi
  evenkeel compare --kernels stable --heavy-vms 1 --json > result.json`,
    )
    .action(compare);
}

export function ablationCommand(): Command {
  return comparisonCommand('ablation', 'results/ablation')
    .summary('what each technique of outsourcing contributes')
    .description(
      "Compares outsourcing with what is left of it without one of its techniques, as the paper's Figure 9 " +
        `does: ${ablationMethodIds.join(', ')}.`,
    )
    .addHelpText(
      'after',
      `
Examples:
  evenkeel ablation
  evenkeel ablation --seeds 1-5 --requests 300`,
    )
    .action((flags: ComparisonFlags) => compare({ ...flags, methods: ablationMethodIds }));
}

/** What the commands that compare methods have in common. */
function comparisonCommand(name: string, out: string): Command {
  const command = new Command(name)
    .addOption(seedsOption([1, 2, 3], '1-3'))
    .option('--out <folder>', 'where artifacts, result and report go', out)
    .addOption(parallelOption())
    .option('--json', 'print the result as JSON instead of the table');
  return addTestbedOptions(command);
}

async function compare(flags: ComparisonFlags): Promise<void> {
  const options = testbedOptions(flags);
  const methods = flags.methods.map(methodById);
  const directory = resolve(flags.out);
  const session = startSession();
  const { progress, signal } = session;

  const { result, report } = await withFolder(directory, directory, signal, async () => {
    const testbed = await prepareTestbed(session.labBuilder(), options, methods);
    const plan = { methods, seeds: flags.seeds, parallel: flags.parallel };
    await runComparison(testbed, plan, directory, progress, signal);
    return {
      result: await analyzeDirectory(directory, plan),
      report: await writeReport(directory),
    };
  });
  if (flags.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else printTable(result);
  progress.note(`report: ${report}`);
}
