import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { measureCaches } from '../executors/caches.js';
import { type Caches, cachesSchema, paperCaches } from '../instruments/caches/geometry.js';
import { renderCaches } from '../instruments/caches/text.js';
import { methodById } from '../methods/catalogue.js';
import { EvenkeelError } from '../process/errors.js';
import { withFolder } from '../run-folder/lock.js';
import { prepareTestbed } from '../sites/lab/testbed.js';
import { positiveNumber } from './arguments.js';
import { methodsOption, parallelOption, seedsOption } from './run-set-options.js';
import { startSession } from './session.js';
import { addTestbedOptions, type TestbedFlags, testbedOptions } from './testbed-options.js';

type Cache = Caches['own'];

interface CachesFlags extends Partial<TestbedFlags> {
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly out: string;
  readonly parallel: number;
  readonly llc: Cache;
  readonly cpuCache: Cache;
  readonly cacheLine: number;
  readonly json?: boolean;
}

const defaultMethods = ['vanilla', 'threaded', 'exclusive', 'outsourcing'];

export function cachesCommand(): Command {
  const { own, shared, lineBytes } = paperCaches;
  const command = new Command('caches')
    .summary('say how the caches serve whom, and what a byte of bulk traffic costs')
    .description(
      'Runs each method in an emulator that models the caches of the host, and says for RT and other work how ' +
        'often the last level was asked and did not have it, and how many instructions and bytes of memory ' +
        'a byte costs that a Heavy Receiver receives.',
    )
    .addOption(methodsOption(defaultMethods))
    .addOption(seedsOption([1, 2, 3], '1-3'))
    .option('--out <folder>', 'where the artifacts go', 'results/caches')
    .addOption(parallelOption())
    .addOption(cacheOption('--llc <size:ways>', 'last-level cache', shared, '8M:16'))
    .addOption(
      cacheOption('--cpu-cache <size:ways>', "each CPU's own cache before it", own, '256K:4'),
    )
    .option('--cache-line <bytes>', 'size of a line', positiveNumber, lineBytes)
    .option('--json', 'print the result as JSON instead of the tables');
  return addTestbedOptions(command, { requests: 300 }, ['clock', 'accel'])
    .addHelpText(
      'after',
      `
The default is the paper's processor, an Intel Core i7-6700K.

Examples:
  evenkeel caches
  evenkeel caches --methods threaded,outsourcing --heavy-vms 2 --seeds 1
  evenkeel caches --llc 32M:16 --cpu-cache 1M:16`,
    )
    .action(caches);
}

function cacheOption(flags: string, description: string, cache: Cache, text: string): Option {
  return new Option(flags, description).argParser(cacheArgument).default(cache, text);
}

/** Parses `8M:16`. */
function cacheArgument(text: string): Cache {
  const match = /^(\d{1,9})([KM]?):(\d{1,9})$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError(`Expected a size and ways such as "8M:16", got "${text}".`);
  }
  const [, size, unit, ways] = match;
  const scale = { '': 1, K: 2 ** 10, M: 2 ** 20 }[unit as '' | 'K' | 'M'];
  return { bytes: Number(size) * scale, ways: Number(ways) };
}

function cachesOf({ llc, cpuCache, cacheLine }: CachesFlags): Caches {
  const parsed = cachesSchema.safeParse({ own: cpuCache, shared: llc, lineBytes: cacheLine });
  if (parsed.success) return parsed.data;
  throw new EvenkeelError(`there are no such caches: ${z.prettifyError(parsed.error)}`);
}

async function caches(flags: CachesFlags): Promise<void> {
  const options = testbedOptions(flags);
  const methods = flags.methods.map(methodById);
  const geometry = cachesOf(flags);
  const directory = resolve(flags.out);
  const session = startSession();
  const { progress, signal } = session;

  const result = await withFolder(directory, directory, signal, async () => {
    const testbed = await prepareTestbed(session.labBuilder(), options, methods, {
      cacheModel: true,
    });
    const { seeds, parallel } = flags;
    const plan = { methods, seeds, parallel, caches: geometry };
    const measured = await measureCaches(testbed, plan, directory, progress, signal);
    await writeFile(join(directory, 'caches.json'), `${JSON.stringify(measured, undefined, 2)}\n`);
    return measured;
  });
  process.stdout.write(
    flags.json ? `${JSON.stringify(result, undefined, 2)}\n` : renderCaches(result),
  );
}
