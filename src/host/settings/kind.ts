import type { z } from 'zod';
import type { HostAccess } from '../access.js';
import type { HostLayout } from '../layout.js';
import type { Change, Target } from './applied.js';
import type { NewVm, VmStart } from './vm-start.js';

/**
 * When a setting takes effect: before VMs start, in what a VM is started with, when its VMM runs and the
 * guest has not yet loaded its module, or when everything runs.
 */
export const phases = ['host', 'vm-start', 'vm-started', 'running'] as const;
export type Phase = (typeof phases)[number];

/** The host that settings are made to, and what runs on it. */
export interface Site {
  readonly host: HostAccess;
  readonly layout: HostLayout;
}

/** What all settings have. */
export interface AnySetting {
  readonly kind: string;
  /** A sentence. */
  readonly why: string;
}

/** A kind of setting: how its targets are found, changed, looked at and put back. */
export interface SettingKind<Setting extends AnySetting> {
  readonly kind: Setting['kind'];
  readonly schema: z.ZodType<Setting>;
  phase(setting: Setting): Phase;
  /** A host may hang when it shuts down, or when a NIC goes down, while such a setting is in force. */
  readonly blocksShutdown?: true;
  /** What a VM is to be started with; only settings of the phase `vm-start` have it. */
  startVm?(setting: Setting, vm: NewVm): VmStart;
  /**
   * Reads what is there, and changes nothing.
   * @returns a change for each target, also where nothing differs
   * @throws EvenkeelError if the host lacks what the setting is about
   */
  plan(site: Site, setting: Setting): Promise<Change[]>;
  /** Makes a change. A target that has ended is no error. */
  apply(site: Site, change: Change, setting: Setting): Promise<void>;
  /** @returns what the target has now; undefined if it has ended */
  readBack(host: HostAccess, target: Target): Promise<string | undefined>;
  /** Puts back what was there before a change. A target that has ended is no error. */
  undo(host: HostAccess, change: Change & { before: string }): Promise<void>;
}

/** The target of a change, which has to be of that type: a journal that says otherwise was not written here. */
export function targetOf<Type extends Target['type']>(
  target: Target,
  type: Type,
): Extract<Target, { type: Type }> {
  if (target.type !== type) {
    throw new TypeError(`expected a target of type ${type}, got one of type ${target.type}`);
  }
  return target as Extract<Target, { type: Type }>;
}
