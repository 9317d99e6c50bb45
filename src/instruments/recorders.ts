import type { RunSpec } from '../plan/run-spec.js';
import { EvenkeelError } from '../process/errors.js';
import { validated } from '../process/json.js';
import { cachesRecorder } from './caches/record.js';
import { cpuRecorder } from './cpu/record.js';
import { hostScriptRecorder } from './host-script/record.js';
import { inversionsRecorder } from './inversions/record.js';
import { pathRecorder } from './path/record.js';
import type { PreparedRecording, Recorder, RecordingSite, RtGuestExtras } from './recorder.js';

/**
 * The instruments that record on the site, in the order in which they start; they stop in the opposite one,
 * so that the last one here observes nothing of the others. The emulator captures the wire, and the senders
 * of bulk traffic say what was received.
 */
const recorders: readonly AnyRecorder[] = [
  registered(hostScriptRecorder),
  registered(inversionsRecorder),
  registered(pathRecorder),
  registered(cpuRecorder),
  registered(cachesRecorder),
];

/** A recorder with the options that a RunSpec gives it. */
export interface PlannedRecorder {
  readonly rtGuest: RtGuestExtras | undefined;
  prepare(site: RecordingSite): Promise<PreparedRecording>;
}

interface AnyRecorder {
  readonly name: string;
  plan(options: unknown): PlannedRecorder;
}

/** Whose records come from the emulator and from the senders of bulk traffic. */
const recordedElsewhere = ['wire', 'throughput'];

/**
 * The recorders of a run, in their order.
 * @throws EvenkeelError if there is no such instrument, or options are not as their schema says
 */
export function recordersOf({ instruments }: Pick<RunSpec, 'instruments'>): PlannedRecorder[] {
  const known = [...recordedElsewhere, ...recorders.map(({ name }) => name)];
  const unknown = instruments.find(({ name }) => !known.includes(name));
  if (unknown !== undefined) {
    throw new EvenkeelError(`unknown instrument "${unknown.name}"`, {
      hints: [`The instruments are: ${known.join(', ')}.`],
    });
  }
  return recorders.flatMap((recorder) => {
    const part = instruments.find(({ name }) => name === recorder.name);
    if (part === undefined) return [];
    const { name: _name, ...options } = part;
    return [recorder.plan(options)];
  });
}

function registered<Options>(recorder: Recorder<Options>): AnyRecorder {
  const { name } = recorder;
  return {
    name,
    plan: (given) => {
      const options = validated(`instrument ${name}`, given, recorder.options);
      return {
        rtGuest: recorder.rtGuest,
        prepare: (site) => recorder.prepare(site, options),
      };
    },
  };
}
