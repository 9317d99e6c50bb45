import type { AppliedSetting } from '../host/settings/applied.js';
import type { Clock } from '../plan/clock.js';
import type { SpecPart } from '../plan/run-spec.js';
import { type RtServerPlace, rtInterfaces } from '../plan/topology.js';
import { digestOf, type JsonObject } from '../process/digest.js';
import { EvenkeelError } from '../process/errors.js';
import { parseValidatedJson } from '../process/json.js';
import type { Environment } from './environment.js';
import { type MeasuredWindow, type RunManifest, runManifestSchema } from './manifest.js';
import { type FirstManifest, firstManifestSchema } from './manifest-1.js';

/** What analysis knows of a run, whichever version of this program made it. */
export interface RunFacts {
  readonly method: {
    readonly id: string;
    readonly title: string;
    /** Hash of the settings that were asked for. */
    readonly settingsSha256: string;
  };
  /** Release of the host's kernel. */
  readonly kernel: string;
  readonly seed: number;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly workload: SpecPart;
  readonly instruments: readonly SpecPart[];
  readonly hostCpuNumbers: readonly number[];
  readonly settings: readonly AppliedSetting[];
  readonly window: MeasuredWindow;
}

/**
 * Reads a manifest of this version or of the first one.
 * @param source its path, for messages
 * @throws EvenkeelError if it is neither
 */
export function parseRunFacts(source: string, text: string): RunFacts {
  if (/"schema":\s*"evenkeel\.run\/1"/.test(text)) {
    return factsOfFirst(parseValidatedJson(source, text, firstManifestSchema));
  }
  return factsOf(parseValidatedJson(source, text, runManifestSchema));
}

function factsOf(manifest: RunManifest): RunFacts {
  const { spec, evenkeel, versions, hashes } = manifest;
  const { method, conditions, workload, instruments, seed } = spec;
  const { clock: _clock, busyCpu: _busyCpu, ...size } = conditions;
  return {
    method: {
      id: method.id,
      title: method.title,
      settingsSha256: digestOf(method.settings as readonly JsonObject[]),
    },
    kernel: manifest.kernel,
    seed,
    clock: manifest.clock,
    environment: { evenkeel, ...size, versions, hashes },
    workload,
    instruments,
    hostCpuNumbers: manifest.hostCpuNumbers,
    settings: manifest.settings,
    window: manifest.window,
  };
}

/** Runs of the first version had one workload, and instruments that were told by what they had. */
function factsOfFirst(manifest: FirstManifest): RunFacts {
  const { load, caches, probesSha256, hostScriptSha256, settings, ...facts } = manifest;
  return {
    ...facts,
    clock: clockOfFirst(facts.clock),
    workload: { name: 'udp-echo', ...load },
    instruments: [
      ...['wire', 'throughput', 'cpu'].map((name) => ({ name })),
      ...(probesSha256 === undefined ? [] : [{ name: 'path' }]),
      ...(caches === undefined ? [] : [{ name: 'caches', caches }]),
      ...(hostScriptSha256 === undefined ? [] : [inversionsOfFirst(facts.environment)]),
    ],
    settings: settings.map(({ target, ...setting }) => ({
      kind: 'unknown',
      target: { type: 'text', text: target },
      before: null,
      ...setting,
    })),
  };
}

/** The only host that was not emulated was one in nested KVM, which the first version called hardware. */
function clockOfFirst(clock: Clock): Clock {
  return clock.kind === 'hardware' ? { ...clock, kind: 'nested' } : clock;
}

/** A trace was recorded by a host script, and read for these NICs and this priority. */
function inversionsOfFirst({ hostCpus, rtVms, heavyVms, rtServer }: Environment): SpecPart {
  const nics = rtInterfaces({ hostCpus, rtVms, heavyVms }, rtServer as RtServerPlace);
  return { name: 'inversions', nics, lowestPriority: 47 };
}

/** The part of an instrument; @throws EvenkeelError if the run did not have it */
export function instrumentOf({ instruments, method, seed }: RunFacts, name: string): SpecPart {
  const part = instruments.find((one) => one.name === name);
  if (part !== undefined) return part;
  throw new EvenkeelError(`the run of ${method.id} with seed ${seed} had no instrument ${name}`);
}
