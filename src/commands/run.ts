import { resolve } from 'node:path';
import { Command } from 'commander';
import { executeRun, requireRunFolder } from '../executors/execute-run.js';
import { basicInstruments } from '../instruments/registry.js';
import { methodById, methodIds } from '../methods/catalogue.js';
import { runsOf } from '../plan/sweep.js';
import { prepareLab } from '../sites/lab/site.js';
import { wholeNumber } from './arguments.js';
import { readScript } from './script-option.js';
import { startSession } from './session.js';
import {
  addTestbedOptions,
  conditionsOf,
  type TestbedFlags,
  workloadOf,
} from './testbed-options.js';

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
      'a program to run on the host during the load; the load begins when it has printed a line, and it gets ' +
        'SIGTERM when the load ends; its output and the files in its working directory are kept',
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
  const method = methodById(flags.method);
  const directory = resolve(flags.out);
  await requireRunFolder(directory);
  const text = flags.hostScript && (await readScript('--host-script', flags.hostScript));
  const [spec] = runsOf({
    methods: [method],
    seeds: [flags.seed],
    conditions: conditionsOf(flags),
    workload: workloadOf(flags),
    instrumentsOf: () => [...basicInstruments, ...(text ? [{ name: 'host-script', text }] : [])],
  });
  if (spec === undefined) throw new Error('a method and a seed give no run');
  const { progress, signal, labBuilder } = startSession();
  const site = await prepareLab(labBuilder(), [spec]);
  await progress.task(`run ${method.id}, seed ${flags.seed}`, ({ detail }) =>
    executeRun(site, spec, directory, detail, signal),
  );
  progress.note(`artifacts: ${directory}`);
}
