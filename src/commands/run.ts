import { resolve } from 'node:path';
import { Command } from 'commander';
import { requireRunFolder, runExperiment } from '../executors/run.js';
import { methodById, methodIds } from '../methods/catalogue.js';
import { prepareTestbed } from '../sites/lab/testbed.js';
import { wholeNumber } from './arguments.js';
import { readScript } from './script-option.js';
import { startSession } from './session.js';
import { addTestbedOptions, type TestbedFlags, testbedOptions } from './testbed-options.js';

interface RunFlags extends Partial<TestbedFlags> {
  readonly method: string;
  readonly seed: number;
  readonly out: string;
  readonly hostScript?: string;
}

export function runCommand(): Command {
  const command = new Command('run')
    .summary('run one method with one seed and keep its artifacts')
    .description(
      'Runs the experiment once and leaves what was recorded in a folder. Nothing is computed: ' +
        'see `evenkeel analyze`.',
    )
    .requiredOption('--method <id>', `method, one of ${methodIds.join(', ')}`)
    .requiredOption('--out <folder>', 'where the artifacts go')
    .option('--seed <n>', 'seed of the machine and of the load', wholeNumber, 1)
    .option(
      '--host-script <file>',
      'a program to run on the host beside the load, which begins when it has printed a line; it gets ' +
        'SIGTERM when the load ends, and what it prints and leaves in its working directory is kept',
    );
  return addTestbedOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  evenkeel run --method threaded --seed 7 --out results/one
  evenkeel run --method exclusive --host-cpus 3 --out results/three-cpus
  evenkeel run --method rt-softirq --host-script watch.sh --out results/watched`,
    )
    .action(run);
}

async function run(flags: RunFlags): Promise<void> {
  const options = testbedOptions(flags);
  const method = methodById(flags.method);
  const directory = resolve(flags.out);
  await requireRunFolder(directory);
  const hostScript = flags.hostScript && (await readScript('--host-script', flags.hostScript));
  const { progress, signal, labBuilder } = startSession();
  const testbed = await prepareTestbed(labBuilder(), options, [method]);
  await progress.task(`run ${method.id}, seed ${flags.seed}`, ({ detail }) =>
    runExperiment(testbed, { method, seed: flags.seed, hostScript }, directory, detail, signal),
  );
  progress.note(`artifacts: ${directory}`);
}
