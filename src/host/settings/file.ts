import { basename, dirname } from 'node:path/posix';
import { z } from 'zod';
import type { SettingKind } from './kind.js';
import { readValue, valueFile } from './value-file.js';

/** The value of a file below /proc/sys or /sys. */
const schema = z.strictObject({
  kind: z.literal('file'),
  path: z.string().startsWith('/'),
  /** As the kernel shows it. */
  value: z.string(),
  /** The file belongs to a feature that a kernel may lack: without it there is nothing to set. */
  ifPresent: z.literal(true).optional(),
  why: z.string(),
});

export const file: SettingKind<z.infer<typeof schema>> = {
  kind: 'file',
  schema,
  phase: () => 'running',
  async plan({ host }, { path, value, ifPresent, why }) {
    if (ifPresent && !(await host.list(dirname(path))).includes(basename(path))) return [];
    const before = await readValue(host, path);
    return [{ kind: 'file', target: { type: 'file', path }, before, wanted: value, why }];
  },
  ...valueFile,
};
