import type { Inversion, InversionReport } from '../../instruments/inversions/find.js';
import { kinds } from '../../instruments/inversions/text.js';
import { type CpuRun, cpuRuns } from '../../traces/cpu-runs.js';
import type { TraceEvent } from '../../traces/ftrace.js';
import { traceNsOfFtrace, usLater } from '../../traces/time.js';
import {
  type PerfettoInput,
  type Slice,
  type TraceCaption,
  type Track,
  traceOfRun,
} from './input.js';

/**
 * What a trace of inversions shows: each inversion, who ran on the host's CPUs, and when the threads that
 * take part in inversions did.
 * @param events of the trace
 * @param report what was found in it
 */
export function perfettoOfInversions(
  caption: TraceCaption,
  events: readonly TraceEvent[],
  { inversions }: InversionReport,
): PerfettoInput {
  const runs = cpuRuns(events);
  return traceOfRun(caption, [
    {
      name: 'Priority inversions',
      description:
        'Each from the wish of the victim to its fulfilment; of work for others, as long as it had the CPU.',
      tracks: inversionTracks(inversions),
    },
    {
      name: "Host's CPUs",
      description: 'Who runs; nothing is shown while a CPU is idle.',
      tracks: tracksOf(runs, {
        keyOf: ({ cpu }) => cpu,
        trackOf: ({ cpu }) => `CPU ${cpu}`,
        sliceOf: ({ comm }) => comm,
      }),
    },
    {
      name: 'Threads of inversions',
      description: 'When the victims run, and those that they wait for.',
      tracks: tracksOf(runsOfParties(runs, inversions), {
        keyOf: ({ pid }) => pid,
        trackOf: ({ comm, pid }) => `${comm} (${pid})`,
        sliceOf: ({ cpu }) => `CPU ${cpu}`,
      }),
    },
  ]);
}

/** A track for each kind and victim, in the order of the kinds. */
function inversionTracks(inversions: readonly Inversion[]): Track[] {
  return kinds.flatMap(({ kind, name, verdict }) => {
    const ofKind = inversions.filter((inversion) => inversion.kind === kind);
    const victims = [...new Set(ofKind.map(({ victim }) => victim))].sort();
    return victims.map((victim) => ({
      name: `${name}: ${victim}`,
      slices: ofKind
        .filter((inversion) => inversion.victim === victim)
        .map((inversion) => inversionSlice(inversion, verdict(inversion))),
    }));
  });
}

function inversionSlice(inversion: Inversion, name: string): Slice {
  const { kind, atUs, us, cpu, victim, other, waitedIn } = inversion;
  return {
    ...{
      name,
      category: kind,
      begin: traceNsOfFtrace(atUs),
      end: traceNsOfFtrace(usLater(atUs, us)),
    },
    details: {
      ...{ kind, victim, other: other === '' ? 'not in the trace' : other },
      ...(waitedIn === '' ? {} : { waitedIn }),
      // Without the last bits of floating point.
      us: Number(us.toFixed(3)),
      cpu,
    },
  };
}

/** Runs of threads that are a victim, or that one waits for. */
function runsOfParties(runs: readonly CpuRun[], inversions: readonly Inversion[]): CpuRun[] {
  const names = new Set(
    inversions.flatMap(({ victim, other }) => [victim, other]).map(commOfLabel),
  );
  return runs.filter(({ comm }) => names.has(comm));
}

/** Inversions name an RT thread with its priority. */
function commOfLabel(label: string): string {
  return label.replace(/ \(FIFO \d+\)$/, '');
}

/** A track for each key, in the order of the keys. */
function tracksOf(
  runs: readonly CpuRun[],
  names: {
    readonly keyOf: (run: CpuRun) => number;
    readonly trackOf: (run: CpuRun) => string;
    readonly sliceOf: (run: CpuRun) => string;
  },
): Track[] {
  const tracks = new Map<number, { name: string; slices: Slice[] }>();
  for (const run of runs) {
    const key = names.keyOf(run);
    const track = tracks.get(key) ?? { name: names.trackOf(run), slices: [] };
    tracks.set(key, track);
    track.slices.push({
      name: names.sliceOf(run),
      category: 'thread',
      begin: traceNsOfFtrace(run.beginUs),
      end: traceNsOfFtrace(run.endUs),
      details: { tid: run.pid, thread: run.comm, cpu: run.cpu },
    });
  }
  return [...tracks].sort(([a], [b]) => a - b).map(([, track]) => track);
}
