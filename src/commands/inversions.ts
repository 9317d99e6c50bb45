import type { Command } from 'commander';
import { lowestRtPriority } from '../methods/catalogue.js';
import { rtServerPlaceOf } from '../plan/run-spec.js';
import { rtInterfaces } from '../plan/topology.js';
import { type SweepFlags, sweep, sweepCommand } from './sweep.js';

export function inversionsCommand(): Command {
  return sweepCommand('inversions', {
    methods: ['threaded', 'threaded-napi', 'rt-softirq'],
    seeds: '1',
    out: 'results/inversions',
    testbed: { requests: 200 },
  })
    .summary('find the priority inversions of methods in kernel traces')
    .description(
      'Runs each method with a trace of the host. Shows how often, and for how long, there was a priority ' +
        'inversion: (a) RT work waited for the softirq lock, (b) RT work was left to a thread of lower priority, ' +
        '(c) non-RT work ran at RT priority, (d) RT work waited for another lock that non-RT work held. ' +
        'Tracing takes time itself: compare response times with `evenkeel compare`.',
    )
    .addHelpText(
      'after',
      `
Examples:
  evenkeel inversions
  evenkeel inversions --methods threaded --kernels stable --requests 100`,
    )
    .action((flags: SweepFlags) =>
      sweep(flags, {
        instrumentsOf: (run) => [
          {
            name: 'inversions',
            nics: rtInterfaces(run.conditions, rtServerPlaceOf(run)),
            lowestPriority: lowestRtPriority,
          },
        ],
      }),
    );
}
