import { type Setting, settingSchema } from '../host/settings/registry.js';
import type { RunSpec } from '../plan/run-spec.js';
import type { RtServerPlace } from '../plan/topology.js';
import { validated } from '../process/json.js';

/**
 * A method is a value: which kernel the host runs and which settings it gets, each with its reason.
 * The same value is applied to the lab's emulated host and to a real one (host/settings/apply.ts).
 */
export interface Method {
  readonly id: string;
  readonly title: string;
  /** One sentence for `--help` and the documentation. */
  readonly summary: string;
  readonly kernel: 'rt' | 'non-rt';
  /** Where the Critical RT servers run, for a method that is about that. */
  readonly rtServer?: RtServerPlace;
  readonly settings: readonly Setting[];
}

export type { Setting } from '../host/settings/registry.js';

/**
 * A method that came as data.
 * @throws EvenkeelError if one of its settings is of a kind that there is not, or not as its schema says
 */
export function methodOfValue(value: RunSpec['method']): Method {
  const settings = value.settings.map((setting) =>
    validated(`method ${value.id}`, setting, settingSchema),
  );
  const { rtServer, ...method } = value;
  return { ...method, ...(rtServer === undefined ? {} : { rtServer }), settings };
}

/** The method's setting of that kind, if it has one. */
function settingOf<Kind extends Setting['kind']>(
  { settings }: Method,
  kind: Kind,
): Extract<Setting, { kind: Kind }> | undefined {
  return settings.find(
    (setting): setting is Extract<Setting, { kind: Kind }> => setting.kind === kind,
  );
}

/** Whether the method's VMs have the host's sockets instead of a vNIC. */
export function outsourcesSockets(method: Method): boolean {
  return settingOf(method, 'socket-outsourcing') !== undefined;
}
