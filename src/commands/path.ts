import type { Command } from 'commander';
import { costVariants } from '../instruments/path/cost.js';
import { type PathOptions, pathOf } from '../instruments/path/points.js';
import type { RunSpec } from '../plan/run-spec.js';
import { type SweepFlags, sweep, sweepCommand } from './sweep.js';

interface PathFlags extends SweepFlags {
  readonly cost?: boolean;
}

export function pathCommand(): Command {
  return sweepCommand('path', {
    methods: ['threaded', 'exclusive', 'outsourcing', 'bare'],
    seeds: '1',
    out: 'results/path',
    testbed: { requests: 200 },
    // One RT guest has probes, and only the instruction clock has the clocks of all in step.
    without: ['rtVms', 'rtServer', 'clock', 'accel'],
  })
    .summary('show where the time of a request goes, step by step')
    .description(
      'Runs each method with probes in the kernels of the host and of the RT guest. Shows how long a request ' +
        'takes from one probe to the next, on its way from the NIC to the Critical RT server and back. ' +
        'Probes take time themselves: compare response times with `evenkeel compare`.',
    )
    .option(
      '--cost',
      'also run each method without probes and with four, and show what a probe costs',
    )
    .addHelpText(
      'after',
      `
Examples:
  evenkeel path
  evenkeel path --methods outsourcing,outsourcing-interrupt --requests 100
  evenkeel path --methods outsourcing --seeds 1-3 --cost`,
    )
    .action((flags: PathFlags) =>
      sweep(flags, {
        instrumentsOf: probes('all'),
        ...(flags.cost
          ? { variants: { [costVariants.four]: probes('four'), [costVariants.none]: () => [] } }
          : {}),
      }),
    );
}

function probes(set: PathOptions['probes']) {
  return ({ method }: Pick<RunSpec, 'method'>) => [
    { name: 'path', path: pathOf(method), probes: set },
  ];
}
