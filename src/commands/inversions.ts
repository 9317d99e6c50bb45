import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { runComparison, runDirectory } from '../executors/compare.js';
import { renderInversions } from '../instruments/inversions/text.js';
import { analyzeTracedRun, type TracedRun } from '../instruments/inversions/traced-run.js';
import { lowestRtPriority, methodById } from '../methods/catalogue.js';
import { rtInterfaces } from '../plan/topology.js';
import { withFolder } from '../run-folder/lock.js';
import { labFolder } from '../sites/lab/images/lab-folder.js';
import { prepareTestbed } from '../sites/lab/testbed.js';
import { methodsOption, seedsOption } from './run-set-options.js';
import { startSession } from './session.js';
import { addTestbedOptions, type TestbedFlags, testbedOptions } from './testbed-options.js';

interface InversionsFlags extends Partial<TestbedFlags> {
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly out: string;
  readonly json?: boolean;
}

const defaultMethods = ['threaded', 'threaded-napi', 'rt-softirq'];

export function inversionsCommand(): Command {
  const command = new Command('inversions')
    .summary('name the priority inversions of methods, from kernel traces')
    .description(
      'Runs each method with a trace of the host, and says how often RT work waited for the softirq lock ' +
        '(a) or for another one that non-RT work holds (d), was left to a thread of lower priority (b), and ' +
        'how much work of others was done at RT priority (c). Tracing takes time itself: compare response times with `evenkeel compare`.',
    )
    .addOption(methodsOption(defaultMethods))
    .addOption(seedsOption([1], '1'))
    .option('--out <folder>', 'where the traces go', 'results/inversions')
    .option('--json', 'print every inversion as JSON instead of the summary');
  return addTestbedOptions(command, { requests: 200 })
    .addHelpText(
      'after',
      `
Examples:
  evenkeel inversions
  evenkeel inversions --methods threaded --kernels stable --requests 100`,
    )
    .action(inversions);
}

async function inversions(flags: InversionsFlags): Promise<void> {
  const options = testbedOptions(flags);
  const methods = flags.methods.map(methodById);
  const directory = resolve(flags.out);
  const session = startSession();
  const hostScript = await readFile(join(labFolder, 'host-scripts/trace-inversions.sh'), 'utf8');

  const { progress, signal } = session;
  const rt = {
    nics: rtInterfaces(options.size, options.rtServer),
    lowestPriority: lowestRtPriority,
  };
  const runs: TracedRun[] = [];
  const json = await withFolder(directory, directory, signal, async () => {
    const testbed = await prepareTestbed(session.labBuilder(), options, methods);
    const plan = { methods, seeds: flags.seeds, parallel: availableParallelism(), hostScript };
    await runComparison(testbed, plan, directory, progress, signal);
    for (const { id } of methods) {
      for (const seed of flags.seeds) {
        runs.push(await analyzeTracedRun(runDirectory(directory, id, seed), rt));
      }
    }
    const text = `${JSON.stringify({ schema: 'evenkeel.inversions/1', runs }, undefined, 2)}\n`;
    await writeFile(join(directory, 'inversions.json'), text);
    return text;
  });
  process.stdout.write(flags.json ? json : renderInversions(runs));
}
