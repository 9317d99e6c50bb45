import { z } from 'zod';
import type { HostAccess } from '../access.js';
import { type SettingKind, targetOf } from './kind.js';

/** A kernel module that is to be loaded. It has to be installed where modprobe finds it. */
const schema = z.strictObject({
  kind: z.literal('kernel-module'),
  module: z.string(),
  /** `host` for a module that VMs need when they start. */
  phase: z.literal('host').optional(),
  why: z.string(),
});

const notLoaded = 'not loaded';

export const kernelModule: SettingKind<z.infer<typeof schema>> = {
  kind: 'kernel-module',
  schema,
  phase: ({ phase }) => phase ?? 'running',

  async plan({ host }, { module: name, why }) {
    const before = await stateOf(host, name);
    const target = { type: 'kernel-module' as const, name };
    return [{ kind: 'kernel-module', target, before, wanted: 'Live', why }];
  },

  apply: ({ host }, { target }) => host.loadModule(targetOf(target, 'kernel-module').name),

  async undo(host, { target, before }) {
    if (before === notLoaded) await host.unloadModule(targetOf(target, 'kernel-module').name);
  },

  readBack: (host, target) => stateOf(host, targetOf(target, 'kernel-module').name),
};

/** As /proc/modules has it: `Live`, `Loading` or `Unloading`. */
async function stateOf(host: HostAccess, name: string): Promise<string> {
  // name size references users state address: proc_modules(5)
  const line = (await host.readFile('/proc/modules'))
    .split('\n')
    .find((one) => one.startsWith(`${name} `));
  return line?.split(' ')[4] ?? notLoaded;
}
