import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { captureFile } from '../../instruments/wire/artifacts.js';
import { methodById } from '../../methods/catalogue.js';
import { clockOf } from '../../plan/clock.js';
import type { Conditions } from '../../plan/conditions.js';
import type { RunSpec } from '../../plan/run-spec.js';
import { EvenkeelError } from '../../process/errors.js';
import type { Progress } from '../../process/progress.js';
import { mean } from '../../statistics/samples.js';
import { readPcap } from '../../traces/pcap.js';
import { plannedWorkload } from '../../workloads/registry.js';
import { defaultUdpEchoOptions } from '../../workloads/udp-echo/workload.js';
import type { LabBuilder } from './images/build-lab.js';
import { inJobFolder } from './job-folder.js';
import { runJob } from './run-job.js';
import { prepareTestbed, type Testbed } from './testbed.js';

/** A condition under which an idle host's response time was measured. */
export interface CalibrationPoint {
  readonly name: string;
  readonly hostCpus: number;
  /** Mean response time, in instructions of one CPU. */
  readonly instructions: number;
}

/** Points that should be equal if the CPUs are cores of equal and constant speed. */
export interface CalibrationCheck {
  readonly name: string;
  readonly points: readonly CalibrationPoint[];
  /** Largest over smallest, minus 1. */
  readonly spread: number;
  readonly passed: boolean;
}

const toleratedSpread = 0.1;
const requests = 200;
const seed = 1;

/**
 * Measures the response time of the RT server on an otherwise idle host: on one, two and three host
 * CPUs, and with and without a busy loop on a CPU that the RT path does not use.
 */
export async function calibrate(
  builder: LabBuilder,
  conditions: Conditions,
  progress: Progress,
  signal: AbortSignal,
): Promise<CalibrationCheck[]> {
  const measure = async (
    name: string,
    methodId: string,
    hostCpus: number,
    busyCpu?: number,
  ): Promise<CalibrationPoint> => {
    const method = methodById(methodId);
    const spec: RunSpec = {
      schema: 'evenkeel.run-spec/1',
      method,
      conditions: {
        ...conditions,
        ...{ hostCpus, rtVms: 1, heavyVms: 0 },
        ...(busyCpu === undefined ? {} : { busyCpu }),
      },
      workload: { name: 'udp-echo', ...defaultUdpEchoOptions, requests },
      instruments: [{ name: 'wire' }],
      seed,
    };
    const testbed = await prepareTestbed(builder, spec.conditions, [method]);
    const instructions = await progress.task(name, ({ detail }) =>
      idleResponseTime(testbed, spec, detail, signal),
    );
    return { name, hostCpus, instructions };
  };
  // The whole RT path has to run on one CPU: on several, parts of it overlap, and the response time says
  // how well they do. The exclusive method sees to that; a host with one CPU needs no method for it.
  const one = await measure('one host CPU', 'threaded', 1);
  const two = await measure('two host CPUs', 'exclusive', 2);
  const three = await measure('three host CPUs', 'exclusive', 3);
  const busy = await measure('two host CPUs, the other one busy', 'exclusive', 2, 0);
  return [
    check('the number of CPUs does not change their speed', [one, two, three]),
    check('a busy CPU does not slow another', [two, busy]),
  ];
}

function check(name: string, points: readonly CalibrationPoint[]): CalibrationCheck {
  const values = points.map(({ instructions }) => instructions);
  const spread = Math.max(...values) / Math.min(...values) - 1;
  return { name, points, spread, passed: spread <= toleratedSpread };
}

async function idleResponseTime(
  testbed: Testbed,
  spec: RunSpec,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const { clock, hostCpus } = testbed.conditions;
  const { nsPerInstruction } = clockOf(clock, hostCpus);
  if (nsPerInstruction === null) {
    throw new EvenkeelError('only the instruction clock can be calibrated');
  }
  return inJobFolder('calibrate', signal, async (directory) => {
    const job = { job: { kind: 'run' as const, spec }, seed };
    await runJob(testbed, job, directory, onStep, signal);
    const capture = await readFile(join(directory, captureFile));
    const { samples, lost } = plannedWorkload(spec.workload).match(readPcap(capture));
    if (lost > 0)
      throw new EvenkeelError(`${lost} of ${requests} requests were lost on an idle host`);
    return (
      mean(Float64Array.from(samples, (sample) => Number(sample.responseTimeNs))) / nsPerInstruction
    );
  });
}
