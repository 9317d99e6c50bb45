import { z } from 'zod';
import { EvenkeelError } from '../../process/errors.js';
import type { HostAccess } from '../access.js';
import { type NapiMode, napiInstances, napiModes, setNapiMode } from '../napi.js';
import type { Change, Target } from './applied.js';
import { type SettingKind, targetOf } from './kind.js';

/**
 * A thread for each NAPI instance of NICs that polls without a pause, so that packets need no interrupt
 * (Documentation/networking/napi.rst, "Threaded NAPI busy polling"; Linux 6.19, c18d4b190a46). It keeps a
 * CPU busy.
 */
const schema = z.strictObject({
  kind: z.literal('napi-busy-polling'),
  nics: z.literal('rt'),
  why: z.string(),
});

const wanted: NapiMode = 'busy-poll';

export const napiBusyPolling: SettingKind<z.infer<typeof schema>> = {
  kind: 'napi-busy-polling',
  schema,
  phase: () => 'running',
  // A driver's napi_synchronize(), such as that of e1000e, waits for a poll that never ends (Linux 7.3).
  blocksShutdown: true,

  async plan({ host, layout }, { why }) {
    const changes: Change[] = [];
    for (const name of layout.rtNics) {
      const before = await readModes(host, name);
      if (before === '' || before.includes('unknown')) {
        throw new EvenkeelError(`the kernel cannot busy-poll the NAPI instances of ${name}`, {
          hints: ['Linux can since 6.19. In the lab, --kernels backports has it.'],
        });
      }
      const target = { type: 'nic' as const, name };
      changes.push({ kind: 'napi-busy-polling', target, before, wanted, why });
    }
    return changes;
  },

  apply: ({ host }, { target, wanted: modes }) => writeModes(host, target, modes),
  undo: (host, { target, before }) => writeModes(host, target, before),
  readBack: (host, target) => readModes(host, targetOf(target, 'nic').name),
};

/** The mode of all instances, or the mode of each in their order, e.g. `enabled, busy-poll`. */
async function readModes(host: HostAccess, nic: string): Promise<string> {
  const modes = (await napiInstances(host, nic)).map(({ mode }) => mode);
  return new Set(modes).size > 1 ? modes.join(', ') : (modes[0] ?? '');
}

async function writeModes(host: HostAccess, target: Target, text: string): Promise<void> {
  const { name } = targetOf(target, 'nic');
  const modes = z.array(z.enum(napiModes)).min(1).parse(text.split(', '));
  for (const [index, { id }] of (await napiInstances(host, name)).entries()) {
    const mode = modes[index] ?? modes[0];
    if (mode !== undefined) await setNapiMode(host, name, id, mode);
  }
}
