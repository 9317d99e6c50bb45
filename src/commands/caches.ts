import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Caches, cachesSchema, paperCaches } from '../instruments/caches/geometry.js';
import { validated } from '../process/json.js';
import { positiveNumber } from './arguments.js';
import { groups } from './option-groups.js';
import { type SweepFlags, sweep, sweepCommand } from './sweep.js';

type Cache = Caches['own'];

interface CachesFlags extends SweepFlags {
  readonly llc: Cache;
  readonly cpuCache: Cache;
  readonly cacheLine: number;
}

export function cachesCommand(): Command {
  const { own, shared, lineBytes } = paperCaches;
  return sweepCommand('caches', {
    methods: ['vanilla', 'threaded', 'exclusive', 'outsourcing'],
    seeds: '1-3',
    out: 'results/caches',
    testbed: { requests: 300 },
    without: ['clock', 'accel'],
  })
    .summary('show cache misses of RT and other work, and what a byte of bulk traffic costs')
    .description(
      'Runs each method in an emulator that models the caches of the host. Shows how often RT and other work ' +
        'asked the last-level cache and missed, and how many instructions and bytes of memory it takes to ' +
        'receive a byte in a Heavy Receiver.',
    )
    .addOption(cacheOption('--llc <size:ways>', 'last-level cache', shared, '8M:16'))
    .addOption(
      cacheOption('--cpu-cache <size:ways>', "each CPU's own cache before it", own, '256K:4'),
    )
    .addOption(
      new Option('--cache-line <bytes>', 'size of a line')
        .argParser(positiveNumber)
        .default(lineBytes)
        .helpGroup(groups.testbed),
    )
    .addHelpText(
      'after',
      `
The default is the paper's processor, an Intel Core i7-6700K.

Examples:
  evenkeel caches
  evenkeel caches --methods threaded,outsourcing --heavy-vms 2 --seeds 1
  evenkeel caches --llc 32M:16 --cpu-cache 1M:16`,
    )
    .action((flags: CachesFlags) => {
      const { llc, cpuCache, cacheLine } = flags;
      const caches = validated(
        'these caches cannot be modelled',
        { own: cpuCache, shared: llc, lineBytes: cacheLine },
        cachesSchema,
      );
      return sweep(flags, { instrumentsOf: () => [{ name: 'caches', caches }] });
    });
}

function cacheOption(flags: string, description: string, cache: Cache, text: string): Option {
  return new Option(flags, description)
    .argParser(cacheArgument)
    .default(cache, text)
    .helpGroup(groups.testbed);
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
