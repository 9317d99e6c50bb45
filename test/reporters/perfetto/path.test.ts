import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyzePath } from '../../../src/instruments/path/analyze.js';
import { readProbeArtifacts } from '../../../src/instruments/path/artifacts.js';
import { type FollowedRun, followRequests } from '../../../src/instruments/path/requests.js';
import { perfettoOfPath } from '../../../src/reporters/perfetto/path.js';
import { renderPerfetto } from '../../../src/reporters/perfetto/render.js';
import { RunFolder } from '../../../src/run-folder/run-folder.js';
import { flowsOf, type ReadSlice, readTrace } from './read-trace.js';

const folder = fileURLToPath(new URL('../../golden/path/outsourcing', import.meta.url));
const artifacts = await readProbeArtifacts(await RunFolder.open(folder));
const run = followRequests(artifacts);
const caption = { method: 'outsourcing', kernel: '7.3-rt', seed: 1, clock: 'instructions' };

function slicesOf(followed: FollowedRun): ReadSlice[] {
  return readTrace(renderPerfetto(perfettoOfPath(caption, followed)));
}

function onTrack(slices: readonly ReadSlice[], ...names: readonly string[]): ReadSlice[] {
  const track = ['outsourcing, seed 1', ...names].join(' > ');
  return slices.filter((slice) => slice.track === track);
}

function lengthOf({ begin, end }: Pick<ReadSlice, 'begin' | 'end'>): number {
  return Number(end - begin);
}

describe('of a real run', () => {
  const slices = slicesOf(run);
  const flows = flowsOf(slices);

  test('each request is one flow without a gap, from the wire to the wire', () => {
    expect(run.followed).toHaveLength(100);
    expect([...flows.keys()]).toEqual(run.followed.map(({ sequence }) => BigInt(sequence)));
    for (const { sequence, begin, end } of run.followed) {
      const steps = flows.get(BigInt(sequence)) ?? [];
      const moments = steps.flatMap((step) => [step.begin, step.end]);
      expect(moments).toEqual([begin, ...moments.slice(1, -1), end]);
      for (const [index, { details, ...step }] of steps.entries()) {
        expect(step.begin).toBe(steps[index - 1]?.end ?? begin);
        expect(details).toMatchObject({ request: sequence });
      }
    }
  });

  test('the steps of a request are those of the analysis, and sum up to its response time', () => {
    const { steps, followed, responsesNs } = analyzePath(artifacts);
    for (const [index, { sequence }] of run.followed.entries()) {
      const taken = flows.get(BigInt(sequence)) ?? [];
      expect(taken.map(({ category, name }) => ({ segment: category, step: name }))).toEqual(steps);
      expect(taken.map(lengthOf)).toEqual([...(followed[index] ?? [])]);
      expect(taken.map(lengthOf).reduce((sum, ns) => sum + ns, 0)).toBe(responsesNs[index]);
    }
  });

  test('a request and its segments are slices of their own', () => {
    const requests = onTrack(slices, 'Requests', 'request');
    const segments = onTrack(slices, 'Requests', 'segment');
    expect(requests).toHaveLength(100);
    for (const slice of requests) {
      const { request, us } = slice.details;
      const parts = segments.filter(({ details: { request: one } }) => one === request);
      expect(parts.map(({ name }) => name)).toEqual(['wire', 'host receive', 'guest', 'host send']);
      const ns = parts.map(lengthOf).reduce((sum, part) => sum + part, 0);
      expect(ns).toBe(lengthOf(slice));
      expect(us).toBe(ns / 1000);
    }
  });

  test('steps are on the tracks of the threads that they run in', () => {
    const first = flows.get(0n) ?? [];
    const tracks = first.map(({ track }) => track.replace('outsourcing, seed 1 > ', ''));
    expect(tracks).toEqual([
      'Host > wire, NIC',
      'Host > interrupts',
      ...Array(3).fill('Host > RT interrupt thread'),
      ...Array(6).fill('Host > RT vCPU'),
      ...Array(5).fill('RT guest > idle process'),
      ...Array(4).fill('RT guest > server'),
      ...Array(4).fill('Host > RT vCPU'),
    ]);
  });

  test('a CPU has one thread at a time, and the RT vCPU while its guest works', () => {
    const cpus = new Set(slices.map(({ track }) => track).filter((track) => /CPU \d/.test(track)));
    expect([...cpus].map((track) => track.split(' > ').slice(1).join(' > ')).toSorted()).toEqual([
      "Host's CPUs > CPU 0",
      "Host's CPUs > CPU 1",
    ]);
    for (const track of cpus) {
      const onCpu = slices.filter((slice) => slice.track === track);
      expect(new Set(onCpu.map(({ uuid }) => uuid)).size).toBe(1);
    }
    const runs = onTrack(slices, "Host's CPUs", 'CPU 0').filter(({ name }) => name === 'RT vCPU');
    for (const step of onTrack(slices, 'RT guest', 'server')) {
      expect(runs.some(({ begin, end }) => begin <= step.begin && step.end <= end)).toBe(true);
    }
  });
});

test('a request without an interrupt of its own begins in the thread that polls the NIC', () => {
  const [request] = run.followed;
  if (request === undefined) throw new Error('no request was followed');
  const marks = request.marks.map((mark, index) => (index < 2 ? undefined : mark));
  const steps = [...flowsOf(slicesOf({ ...run, followed: [{ ...request, marks }] })).values()];
  const [first] = steps[0] ?? [];
  expect(first).toMatchObject({ name: 'IRQ thread, softirq', begin: request.begin });
  expect(first?.track).toBe('outsourcing, seed 1 > Host > RT interrupt thread');
  expect(steps[0]?.map(lengthOf).reduce((sum, ns) => sum + ns, 0)).toBe(lengthOf(request));
});
