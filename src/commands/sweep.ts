import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { PlacedRun } from '../executors/executor.js';
import { localExecutor } from '../executors/local.js';
import { basicInstruments } from '../instruments/registry.js';
import { methodById, methodIds } from '../methods/catalogue.js';
import {
  type HousekeepingPriority,
  hasNormalHousekeeping,
  housekeepingPriorities,
  withHousekeeping,
} from '../methods/housekeeping.js';
import type { Method } from '../methods/method.js';
import { type InstrumentsOf, runsOf } from '../plan/sweep.js';
import { formatJson } from '../process/json.js';
import { reportFormats, writeReports } from '../reporters/registry.js';
import { renderText } from '../reporters/text.js';
import { analyzeFolder } from '../results/analyze-folder.js';
import type { Result } from '../results/schema.js';
import { withFolder } from '../run-folder/lock.js';
import { runFolderPath, type Variant } from '../run-folder/names.js';
import { prepareLab } from '../sites/lab/site.js';
import { nameList, positiveNumber, seedList } from './arguments.js';
import { groups } from './option-groups.js';
import { startSession } from './session.js';
import {
  addTestbedOptions,
  conditionsOf,
  type TestbedFlags,
  workloadOf,
} from './testbed-options.js';

/** The options of a command that runs a sweep, as commander delivers them. */
export interface SweepFlags extends Partial<TestbedFlags> {
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly out: string;
  readonly parallel: number;
  /** Not of commands that choose the methods themselves. */
  readonly housekeeping?: HousekeepingPriority;
  readonly json?: boolean;
}

/** What the options of a sweep's command are by default. */
export interface SweepDefaults {
  /** Undefined if the command chooses the methods itself. */
  readonly methods: readonly string[] | undefined;
  /** As a user would write them. */
  readonly seeds: string;
  readonly out: string;
  readonly testbed?: Partial<TestbedFlags>;
  /** Options of the testbed that mean nothing to the command. */
  readonly without?: readonly (keyof TestbedFlags)[];
}

/** A command that runs methods with several seeds and computes a result from what they leave. */
export function sweepCommand(name: string, defaults: SweepDefaults): Command {
  const command = new Command(name);
  if (defaults.methods !== undefined) {
    command.addOption(
      new Option('--methods <ids>', `methods, see \`evenkeel methods\`; of ${methodIds.join(', ')}`)
        .argParser(nameList)
        .default(defaults.methods, defaults.methods.join(','))
        .helpGroup(groups.experiment),
    );
    command.addOption(
      new Option(
        '--housekeeping <priority>',
        "priority of the RT VM's vCPU that does not run the server: normal, as in the paper, or the same as that " +
          'of the vCPU that does; methods that set it keep theirs',
      )
        .choices(housekeepingPriorities)
        .default('normal')
        .helpGroup(groups.experiment),
    );
  }
  command.addOption(
    new Option('--seeds <seeds>', 'seeds, such as 1,2,3 or 1-5')
      .argParser(seedList)
      .default(seedList(defaults.seeds), defaults.seeds)
      .helpGroup(groups.experiment),
  );
  addTestbedOptions(command, defaults.testbed, defaults.without);
  return command
    .addOption(
      new Option('--out <folder>', 'where artifacts, result and report go')
        .default(defaults.out)
        .helpGroup(groups.output),
    )
    .addOption(
      new Option('--parallel <n>', 'emulated hosts that run at the same time')
        .argParser(positiveNumber)
        .default(availableParallelism())
        .helpGroup(groups.output),
    )
    .addOption(
      new Option('--json', 'print the result as JSON instead of text').helpGroup(groups.output),
    );
}

/** What a sweep's runs are observed with. */
export interface Observation {
  /** Instruments of each run besides the basic ones. */
  readonly instrumentsOf: InstrumentsOf;
  /** Further runs of the same methods and seeds, in folders of their own below the sweep's. */
  readonly variants?: Readonly<Record<Variant, InstrumentsOf>>;
}

/** Runs a sweep, computes its result, writes the report, and prints the result. */
export async function sweep(
  flags: SweepFlags,
  { instrumentsOf, variants = {} }: Observation,
): Promise<void> {
  const directory = resolve(flags.out);
  const plan = {
    methods: flags.methods.map((id) => chosenMethod(id, flags.housekeeping)),
    seeds: flags.seeds,
    conditions: conditionsOf(flags),
    workload: workloadOf(flags),
  };
  const place = (variant: Variant, instruments: InstrumentsOf): PlacedRun[] =>
    runsOf({
      ...plan,
      instrumentsOf: (run) => [...basicInstruments, ...instruments(run)],
    }).map((spec) => ({ spec, directory: runFolderPath(directory, spec, variant) }));
  const main = place('.', instrumentsOf);
  const others = Object.entries(variants).flatMap(([variant, of]) => place(variant, of));
  const { labBuilder, progress, signal } = startSession();

  const result = await withFolder(directory, directory, signal, async () => {
    const runs = [...main, ...others];
    const site = await prepareLab(
      labBuilder(),
      runs.map(({ spec }) => spec),
    );
    await localExecutor(flags.parallel)(site, runs, progress, signal);
    const paths = main.map((run) => run.directory);
    const order = plan.methods.map(({ id }) => id);
    const analyzed = await analyzeFolder(directory, paths, order);
    for (const file of await writeReports(reportFormats.html, analyzed, directory)) {
      progress.note(`report: ${file}`);
    }
    return analyzed;
  });
  print(result, flags.json);
}

function chosenMethod(id: string, housekeeping: HousekeepingPriority = 'normal'): Method {
  const method = methodById(id);
  return hasNormalHousekeeping(method) ? withHousekeeping(method, housekeeping) : method;
}

function print(result: Result, json = false): void {
  if (json) process.stdout.write(formatJson(result));
  else process.stdout.write(renderText(result));
}
