import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { methodById } from '../../methods/catalogue.js';
import { resultClock, type TestbedOptions } from '../../plan/conditions.js';
import { EvenkeelError } from '../../process/errors.js';
import type { Progress } from '../../process/progress.js';
import { artifactNames } from '../../run-folder/names.js';
import { mean } from '../../statistics/statistics.js';
import { readPcap } from '../../traces/pcap.js';
import { matchResponses } from '../../workloads/udp-echo/responses.js';
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
  options: TestbedOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<CalibrationCheck[]> {
  const measure = async (
    name: string,
    methodId: string,
    hostCpus: number,
    busyCpu?: number,
  ): Promise<CalibrationPoint> => {
    const size = { hostCpus, rtVms: 1, heavyVms: 0 };
    const method = methodById(methodId);
    const testbed = await prepareTestbed(builder, { ...options, size }, [method]);
    const instructions = await progress.task(name, ({ detail }) =>
      idleResponseTime(testbed, methodId, busyCpu, detail, signal),
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
  methodId: string,
  busyCpu: number | undefined,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const { size, clock, load } = testbed.options;
  const { nsPerInstruction } = resultClock(clock, size);
  if (nsPerInstruction === null) {
    throw new EvenkeelError('only the instruction clock can be calibrated');
  }
  return inJobFolder('calibrate', signal, async (directory) => {
    const work = {
      kind: 'measure' as const,
      load: { ...load, requests },
      seed,
      ...(busyCpu === undefined ? {} : { busyCpu }),
    };
    await runJob(testbed, { method: methodById(methodId), seed, work }, directory, onStep, signal);
    const capture = await readFile(join(directory, artifactNames.rtCapture));
    const { samples, lost } = matchResponses(readPcap(capture));
    if (lost > 0)
      throw new EvenkeelError(`${lost} of ${requests} requests were lost on an idle host`);
    return (
      mean(Float64Array.from(samples, (sample) => Number(sample.responseTimeNs))) / nsPerInstruction
    );
  });
}
