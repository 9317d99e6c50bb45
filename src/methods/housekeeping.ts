import type { Setting } from '../host/settings/registry.js';
import { EvenkeelError } from '../process/errors.js';
import type { Method } from './method.js';
import { vcpusApart, vcpusOfOnePriority } from './vcpus-together.js';

/** The priority of the vCPUs of an RT VM that do not run the server: a normal one, or that of its RT vCPU. */
export const housekeepingPriorities = ['normal', 'rt'] as const;
export type HousekeepingPriority = (typeof housekeepingPriorities)[number];

/** What the id of a method ends with whose housekeeping vCPU has been given an RT priority. */
export const rtHousekeepingSuffix = '+rt-housekeeping';

/** Whether the method has an RT VM whose housekeeping vCPU has a normal priority. */
export function hasNormalHousekeeping({ rtServer = 'vm', settings }: Method): boolean {
  return (
    rtServer === 'vm' && !settings.some((setting) => isSchedulingOf('housekeeping vCPU', setting))
  );
}

/**
 * A method with that priority of the housekeeping vCPU. With `rt` the RT VM's vCPUs are treated as
 * outsourcing treats them, which tells what of outsourcing's effect is due to that. A method that pins the
 * RT VM's vCPUs keeps its own CPUs.
 * @throws EvenkeelError if the method has no RT VM, or gives the vCPU an RT priority itself
 */
export function withHousekeeping(method: Method, priority: HousekeepingPriority): Method {
  if (priority === 'normal') return method;
  if ((method.rtServer ?? 'vm') !== 'vm') {
    throw new EvenkeelError(`the method ${method.id} has no RT VM`);
  }
  if (method.settings.some((setting) => isSchedulingOf('housekeeping vCPU', setting))) {
    throw new EvenkeelError(
      `with the method ${method.id} the housekeeping vCPU has an RT priority already`,
    );
  }
  const settings = method.settings.filter((setting) => !isSchedulingOf('RT vCPU', setting));
  const isPinned = settings.some(
    (setting) => setting.kind === 'thread-affinity' && setting.threads.includes('RT vCPU'),
  );
  return {
    ...method,
    id: `${method.id}${rtHousekeepingSuffix}`,
    title: `${method.title}, RT housekeeping vCPU`,
    summary: `${method.summary}; the RT VM's housekeeping vCPU has the priority of its RT vCPU`,
    settings: [...settings, ...vcpusOfOnePriority, ...(isPinned ? [] : vcpusApart)],
  };
}

function isSchedulingOf(threads: 'RT vCPU' | 'housekeeping vCPU', setting: Setting): boolean {
  return setting.kind === 'scheduling' && setting.threads === threads;
}
