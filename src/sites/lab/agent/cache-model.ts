import { writeFile } from 'node:fs/promises';
import type { HostAccess } from '../../../host/access.js';
import { artifactNames } from '../../../run-folder/names.js';

/** What the emulator's model of the caches needs of the host: kernel/lab/ek_mark.c. */

const module = 'ek_mark';
const countingFile = `/sys/module/${module}/parameters/counting`;

/** From now on the model follows what the host's CPUs do, which fills its caches. */
export function startCacheModel(host: HostAccess): Promise<void> {
  return host.loadModule(module);
}

/** @returns what ends the counting and leaves in `artifactsFolder` when it began and ended */
export async function startCounting(
  host: HostAccess,
  artifactsFolder: string,
): Promise<() => Promise<void>> {
  const startNs = process.hrtime.bigint();
  await host.writeFile(countingFile, '1');
  return async () => {
    await host.writeFile(countingFile, '0');
    const window = { startNs: `${startNs}`, endNs: `${process.hrtime.bigint()}` };
    await writeFile(
      `${artifactsFolder}/${artifactNames.cacheWindow}`,
      `${JSON.stringify(window)}\n`,
    );
  };
}
