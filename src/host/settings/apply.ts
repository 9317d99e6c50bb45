import { EvenkeelError } from '../../process/errors.js';
import type { HostAccess } from '../access.js';
import type { AppliedSetting, Change } from './applied.js';
import { type Phase, phases, type Site } from './kind.js';
import { type Setting, settingKind } from './registry.js';
import type { NewVm, VmStart } from './vm-start.js';

export interface ApplyOptions {
  /** Only settings that take effect then; all if undefined. */
  readonly phases?: readonly Phase[];
  /**
   * Told of each change before it is made. After a failure, all that it was told of can be undone, whether
   * or not the last change was made.
   */
  readonly record?: (change: Change) => void | Promise<void>;
}

/**
 * Makes settings in their order: plans each, makes its changes, and reads each back.
 *
 * @returns what was changed; `actual` differs from `wanted` where the kernel did something else than it
 *   was asked for. A target that has ended meanwhile is left out.
 * @throws EvenkeelError if a setting cannot be made at all
 */
export async function applySettings(
  site: Site,
  settings: readonly Setting[],
  { phases: wantedPhases = phases, record }: ApplyOptions = {},
): Promise<AppliedSetting[]> {
  const applied: AppliedSetting[] = [];
  for (const setting of settings) {
    const kind = settingKind(setting.kind);
    if (!wantedPhases.includes(kind.phase(setting))) continue;
    for (const change of await kind.plan(site, setting)) {
      await record?.(change);
      await kind.apply(site, change, setting);
      const actual = await kind.readBack(site.host, change.target);
      if (actual !== undefined) applied.push({ ...change, actual });
    }
  }
  return applied;
}

/** Changes as they are now; those of a target that has ended stay as they were. */
export async function readBackSettings(
  host: HostAccess,
  applied: readonly AppliedSetting[],
): Promise<AppliedSetting[]> {
  const now: AppliedSetting[] = [];
  for (const change of applied) {
    const actual = await settingKind(change.kind).readBack(host, change.target);
    now.push(actual === undefined ? change : { ...change, actual });
  }
  return now;
}

/**
 * Undoes changes in reverse order, and reads each back. One that fails does not keep the others from being
 * undone.
 * @param changes as they were recorded
 * @returns what was put back: `wanted` is what was there before. Targets that have ended, and changes that
 *   cannot be put back, are left out.
 * @throws EvenkeelError that names each change that could not be undone
 */
export async function undoSettings(
  host: HostAccess,
  changes: readonly Change[],
): Promise<AppliedSetting[]> {
  const undone: AppliedSetting[] = [];
  const failures: unknown[] = [];
  for (const { kind: name, target, before, wanted, why } of changes.toReversed()) {
    if (before === null) continue;
    try {
      const kind = settingKind(name);
      await kind.undo(host, { kind: name, target, before, wanted, why });
      const actual = await kind.readBack(host, target);
      if (actual === undefined) continue;
      undone.push({ kind: name, target, before: wanted, wanted: before, actual, why });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 0) return undone;
  const messages = failures.map((one) => (one instanceof Error ? one.message : String(one)));
  throw new EvenkeelError(`not everything could be undone: ${messages.join('; ')}`, {
    cause: failures[0],
  });
}

/** Undoes those changes with which the host may be unable to shut down. @throws as `undoSettings` does */
export function undoBeforeShutdown(
  host: HostAccess,
  changes: readonly Change[],
): Promise<AppliedSetting[]> {
  return undoSettings(
    host,
    changes.filter(({ kind }) => settingKind(kind).blocksShutdown),
  );
}

/** What a VM is to be started with so that these settings take effect. */
export function startOfVm(settings: readonly Setting[], vm: NewVm): Required<VmStart> {
  const starts = settings.map((setting) => settingKind(setting.kind).startVm?.(setting, vm) ?? {});
  return {
    netdevOptions: starts.flatMap(({ netdevOptions = [] }) => netdevOptions),
    kernelArguments: starts.flatMap(({ kernelArguments = [] }) => kernelArguments),
  };
}

/** Whether one of the settings takes effect then. */
export function hasPhase(settings: readonly Setting[], phase: Phase): boolean {
  return settings.some((setting) => settingKind(setting.kind).phase(setting) === phase);
}
