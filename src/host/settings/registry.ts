import { z } from 'zod';
import { EvenkeelError } from '../../process/errors.js';
import { file } from './file.js';
import { guestCpuIsolation } from './guest-cpu-isolation.js';
import { interruptAffinity } from './interrupt-affinity.js';
import { kernelModule } from './kernel-module.js';
import type { SettingKind } from './kind.js';
import { napiBusyPolling } from './napi-busy-polling.js';
import { scheduling } from './scheduling.js';
import { socketOutsourcing } from './socket-outsourcing.js';
import { threadAffinity } from './thread-affinity.js';
import { threadedNapi } from './threaded-napi.js';
import { vhostBusyPolling } from './vhost-busy-polling.js';
import { workqueueAffinity } from './workqueue-affinity.js';

/** All kinds of settings. */
const kinds = [
  scheduling,
  threadAffinity,
  interruptAffinity,
  workqueueAffinity,
  threadedNapi,
  napiBusyPolling,
  kernelModule,
  file,
  vhostBusyPolling,
  guestCpuIsolation,
  socketOutsourcing,
] as const;

type KindOf<Registered> = Registered extends SettingKind<infer Setting> ? Setting : never;

/** A setting: what is wanted of a host or of its VMs, and why. */
export type Setting = Readonly<KindOf<(typeof kinds)[number]>>;

/** Says of a value from outside, such as a file of the user, which part of it is no setting. */
export const settingSchema: z.ZodType<Setting> = z.discriminatedUnion(
  'kind',
  kinds.map(({ schema }) => schema) as unknown as [z.core.$ZodTypeDiscriminable],
) as unknown as z.ZodType<Setting>;

/** @throws EvenkeelError if there is no such kind: the name is from another version of this program */
export function settingKind(name: string): SettingKind<Setting> {
  const kind = kinds.find((one) => one.kind === name);
  if (kind === undefined) throw new EvenkeelError(`unknown kind of setting "${name}"`);
  // Each kind takes settings of its own kind only, and is only given those.
  return kind as unknown as SettingKind<Setting>;
}
