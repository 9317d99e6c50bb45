import type { SchedulingPolicy } from '../host/access.js';
import type { Notification } from '../host/outsourcing.js';
import type { ThreadClass } from '../host/thread-class.js';
import type { RtServerPlace } from '../plan/topology.js';

/**
 * A method is a value: which kernel the host runs and which settings it gets, each with its reason.
 * The same value is applied to the lab's emulated host and to a real one (methods/apply.ts).
 */

/** `last`: the last CPU of the host; `not-last`: all others. */
export type CpuSet = 'last' | 'not-last';

export type Setting = { readonly why: string } & (
  | {
      readonly kind: 'scheduling';
      readonly threads: ThreadClass;
      readonly policy: SchedulingPolicy;
      /** 1 to 99 for `fifo` and `rr`, 0 for `other`. */
      readonly priority: number;
    }
  | {
      readonly kind: 'thread-affinity';
      readonly threads: readonly ThreadClass[];
      readonly cpus: CpuSet;
    }
  | {
      readonly kind: 'interrupt-affinity';
      readonly interrupts: 'rt-nic' | 'others';
      readonly cpus: CpuSet;
    }
  | { readonly kind: 'workqueue-affinity'; readonly cpus: CpuSet }
  | { readonly kind: 'threaded-napi'; readonly nics: 'rt' }
  /** An argument of the VMs' tap devices: takes effect when a VM starts. */
  | { readonly kind: 'vhost-busy-polling'; readonly us: number }
  | { readonly kind: 'kernel-module'; readonly module: string }
  /** The VMs have no vNIC: their sockets are the host's. Takes effect when a VM is attached. */
  | {
      readonly kind: 'socket-outsourcing';
      readonly maxSockets: number;
      readonly notification: Notification;
    }
  | { readonly kind: 'file'; readonly path: string; readonly value: string }
);

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

/** The method's setting of that kind, if it has one. */
export function settingOf<Kind extends Setting['kind']>(
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
