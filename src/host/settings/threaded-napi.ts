import { z } from 'zod';
import type { HostAccess } from '../access.js';
import type { Target } from './applied.js';
import { type SettingKind, targetOf } from './kind.js';

/** A thread for each NAPI instance of NICs, which polls in the place of the softirq (Documentation/networking/napi.rst). */
const schema = z.strictObject({
  kind: z.literal('threaded-napi'),
  nics: z.literal('rt'),
  why: z.string(),
});

/** As netdev-genl names what the file has as a number (enum netdev_napi_threaded). */
const modes = ['disabled', 'enabled', 'busy-poll'];

export const threadedNapi: SettingKind<z.infer<typeof schema>> = {
  kind: 'threaded-napi',
  schema,
  phase: () => 'running',

  plan: ({ host, layout }, { why }) =>
    Promise.all(
      layout.rtNics.map(async (name) => {
        const before = await readMode(host, name);
        const target = { type: 'nic' as const, name };
        return { kind: 'threaded-napi', target, before, wanted: 'enabled', why };
      }),
    ),

  apply: ({ host }, { target, wanted }) => writeMode(host, target, wanted),
  undo: (host, { target, before }) => writeMode(host, target, before),
  readBack: (host, target) => readMode(host, targetOf(target, 'nic').name),
};

function fileOf(nic: string): string {
  return `/sys/class/net/${nic}/threaded`;
}

async function readMode(host: HostAccess, nic: string): Promise<string> {
  const text = (await host.readFile(fileOf(nic))).trim();
  return modes[Number(text)] ?? text;
}

async function writeMode(host: HostAccess, target: Target, mode: string): Promise<void> {
  await host.writeFile(fileOf(targetOf(target, 'nic').name), `${modes.indexOf(mode)}`);
}
