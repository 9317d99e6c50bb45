import { type Command, Option } from 'commander';
import { ablationMethodIds, allMethodIds, defaultMethodIds } from '../methods/catalogue.js';
import { groups } from './option-groups.js';
import { type Observation, type SweepFlags, sweep, sweepCommand } from './sweep.js';

/** The basic instruments are enough. */
const basicOnly: Observation = { instrumentsOf: () => [] };

export function compareCommand(): Command {
  return sweepCommand('compare', {
    methods: defaultMethodIds,
    seeds: '1-3',
    out: 'results/compare',
  })
    .summary('run methods with several seeds and compare them')
    .description(
      'Builds the lab if it is not there yet, runs each method with each seed on an emulated host with real ' +
        'kernels and real VMs, and prints the table. The report is written beside the result.',
    )
    .addOption(
      new Option(
        '--all',
        'all methods, and vanilla, threaded and exclusive also with `--housekeeping rt`',
      )
        .conflicts(['methods', 'housekeeping'])
        .helpGroup(groups.experiment),
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
    .action(({ all, ...flags }: SweepFlags & { all?: boolean }) =>
      sweep(all === true ? { ...flags, methods: allMethodIds } : flags, basicOnly),
    );
}

export function ablationCommand(): Command {
  return sweepCommand('ablation', { methods: undefined, seeds: '1-3', out: 'results/ablation' })
    .summary('show what each technique of outsourcing contributes')
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
    .action((flags: SweepFlags) => sweep({ ...flags, methods: ablationMethodIds }, basicOnly));
}
