import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { methodIds } from '../methods/catalogue.js';
import { nameList, positiveNumber, seedList } from './arguments.js';

/** `--methods`, for the commands that run several. */
export function methodsOption(defaults: readonly string[]): Option {
  return new Option('--methods <ids>', `methods, of ${methodIds.join(', ')}`)
    .argParser(nameList)
    .default(defaults, defaults.join(','));
}

/**
 * `--seeds`, for the commands that run each method with several.
 * @param text the defaults as a user would write them
 */
export function seedsOption(defaults: readonly number[], text: string): Option {
  return new Option('--seeds <seeds>', 'seeds, such as 1,2,3 or 1-5')
    .argParser(seedList)
    .default(defaults, text);
}

/** `--parallel`, for the commands that let the user say how many of the runs are under way at a time. */
export function parallelOption(): Option {
  return new Option('--parallel <n>', 'emulated hosts that run at the same time')
    .argParser(positiveNumber)
    .default(availableParallelism());
}
