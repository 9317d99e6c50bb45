import { firstStep, type Mark } from '../../instruments/path/chain.js';
import { occupancies } from '../../instruments/path/occupancy.js';
import { guestServers, type Place, placesOf } from '../../instruments/path/place.js';
import type { FollowedRequest, FollowedRun } from '../../instruments/path/requests.js';
import { nsBetween, type TraceNs, traceNsOfTicks } from '../../traces/time.js';
import {
  type PerfettoInput,
  type Slice,
  type TraceCaption,
  type Track,
  traceOfRun,
} from './input.js';

/** A step of one request. */
interface TakenStep extends Pick<Mark, 'segment' | 'step'> {
  readonly request: number;
  readonly begin: TraceNs;
  readonly end: TraceNs;
  readonly place: Place;
  /** What the probe recorded that began it; nothing did where a request is at the wire. */
  readonly details: Slice['details'];
}

/**
 * What a run with probes shows: each request as a chain of slices, across the threads of the host and of the
 * guest that it passes, and which threads had the host's CPUs. Requests that were not followed are left out.
 */
export function perfettoOfPath(caption: TraceCaption, run: FollowedRun): PerfettoInput {
  const servers = guestServers(run.events);
  const stepsOfRequests = run.followed.map((request) => stepsOf(run.chain, request, servers));
  const steps = stepsOfRequests.flat();
  return traceOfRun(caption, [
    {
      name: 'Requests',
      description: 'Each request from the wire to the wire, and the segments of its way.',
      tracks: [
        { name: 'request', slices: run.followed.map(requestSlice) },
        { name: 'segment', slices: stepsOfRequests.flatMap(segmentSlices) },
      ],
    },
    {
      name: "Host's CPUs",
      description:
        'Threads that a request needs, while they have a CPU. Of other threads nothing is known.',
      tracks: cpuTracks(run),
    },
    {
      name: 'Host',
      description: 'Steps of requests: the threads that they run in, or that wait in them.',
      tracks: placeTracks(steps, 'host'),
    },
    {
      name: 'RT guest',
      description: 'Steps of requests in the guest.',
      tracks: placeTracks(steps, 'guest'),
    },
  ]);
}

/** A step that was passed over is left out: it took no time. */
function stepsOf(
  chain: readonly Mark[],
  { sequence, begin, marks, end }: FollowedRequest,
  servers: ReadonlySet<number>,
): TakenStep[] {
  const moments = [begin, ...marks.map((mark) => mark?.ticks ?? begin), end].map(traceNsOfTicks);
  const places = placesOf(chain, marks, servers);
  return [firstStep, ...chain].flatMap(({ segment, step }, index) => {
    const [from, to, place] = [moments[index], moments[index + 1], places[index]];
    const isPassedOver = index < marks.length && marks[index] === undefined;
    if (isPassedOver || from === undefined || to === undefined || place === undefined) return [];
    const event = index === 0 ? undefined : marks[index - 1];
    const details = event && {
      probe: event.point,
      ...(event.kernel === 'host' ? { cpu: event.cpu, running: event.current ?? 'other' } : {}),
    };
    const times = { begin: from, end: to };
    return [{ segment, step, request: sequence, ...times, place, details: details ?? {} }];
  });
}

function requestSlice({ sequence, begin, end }: FollowedRequest): Slice {
  return {
    ...{ name: `request ${sequence}`, category: 'request' },
    ...{ begin: traceNsOfTicks(begin), end: traceNsOfTicks(end) },
    details: { request: sequence, us: Number(nsBetween(begin, end)) / 1000 },
  };
}

/** Steps that follow each other in a segment are one slice. */
function segmentSlices(steps: readonly TakenStep[]): Slice[] {
  const slices: Slice[] = [];
  for (const { segment, begin, end, request } of steps) {
    const last = slices.at(-1);
    if (last?.name === segment) slices[slices.length - 1] = { ...last, end };
    else slices.push({ name: segment, category: 'segment', begin, end, details: { request } });
  }
  return slices;
}

function placeTracks(steps: readonly TakenStep[], kernel: Place['kernel']): Track[] {
  const slicesOfPlaces = new Map<string, Slice[]>();
  for (const { segment, step, request, begin, end, place, details } of steps) {
    if (place.kernel !== kernel) continue;
    const slices = slicesOfPlaces.get(place.name) ?? [];
    slicesOfPlaces.set(place.name, slices);
    slices.push({
      ...{ name: step, category: segment, begin, end, flow: BigInt(request) },
      details: { request, segment, ...details },
    });
  }
  return Array.from(slicesOfPlaces, ([name, slices]) => ({ name, slices }));
}

function cpuTracks({ events }: FollowedRun): Track[] {
  const times = occupancies(events);
  const cpus = [...new Set(times.map(({ cpu }) => cpu))].sort((a, b) => a - b);
  return cpus.map((cpu) => ({
    name: `CPU ${cpu}`,
    slices: times
      .filter((time) => time.cpu === cpu)
      .map(({ pid, class: name, begin, end }) => ({
        ...{ name, category: 'thread', begin: traceNsOfTicks(begin), end: traceNsOfTicks(end) },
        details: { tid: pid },
      })),
  }));
}
