import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { measurePaths } from '../executors/paths.js';
import { renderPaths } from '../instruments/path/text.js';
import { methodById } from '../methods/catalogue.js';
import { withFolder } from '../run-folder/lock.js';
import { prepareTestbed } from '../sites/lab/testbed.js';
import { methodsOption, parallelOption, seedsOption } from './run-set-options.js';
import { startSession } from './session.js';
import { addTestbedOptions, type TestbedFlags, testbedOptions } from './testbed-options.js';

interface PathFlags extends Partial<TestbedFlags> {
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly out: string;
  readonly parallel: number;
  readonly cost?: boolean;
  readonly json?: boolean;
}

const defaultMethods = ['threaded', 'exclusive', 'outsourcing', 'bare'];

export function pathCommand(): Command {
  const command = new Command('path')
    .summary('say where the time of a request goes, step by step')
    .description(
      'Runs each method with probes in the kernels of the host and of the RT guest, and says how long a ' +
        'request takes from one to the next, on its way from the NIC to the Critical RT server and back. ' +
        'Probes take time themselves: compare response times with `evenkeel compare`.',
    )
    .addOption(methodsOption(defaultMethods))
    .addOption(seedsOption([1], '1'))
    .option('--out <folder>', 'where the artifacts go', 'results/path')
    .addOption(parallelOption())
    .option(
      '--cost',
      'also run each method without probes and with four, and say what a probe costs',
    )
    .option('--json', 'print the result as JSON instead of the tables');
  return addTestbedOptions(command, { requests: 200 }, [
    // One RT guest has probes, and only the instruction clock has the clocks of all in step.
    ...(['rtVms', 'rtServer', 'clock', 'accel'] as const),
  ])
    .addHelpText(
      'after',
      `
Examples:
  evenkeel path
  evenkeel path --methods outsourcing,outsourcing-interrupt --requests 100
  evenkeel path --methods outsourcing --seeds 1-3 --cost`,
    )
    .action(path);
}

async function path(flags: PathFlags): Promise<void> {
  const options = testbedOptions(flags);
  const methods = flags.methods.map(methodById);
  const directory = resolve(flags.out);
  const session = startSession();

  const result = await withFolder(directory, directory, session.signal, async () => {
    const testbed = await prepareTestbed(session.labBuilder(), options, methods);
    const { seeds, parallel, cost = false } = flags;
    const plan = { methods, seeds, parallel, cost };
    const { progress, signal } = session;
    const measured = await measurePaths(testbed, plan, directory, progress, signal);
    await writeFile(join(directory, 'path.json'), `${JSON.stringify(measured, undefined, 2)}\n`);
    return measured;
  });
  process.stdout.write(
    flags.json ? `${JSON.stringify(result, undefined, 2)}\n` : renderPaths(result),
  );
}
