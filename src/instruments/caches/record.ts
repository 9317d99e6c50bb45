import { z } from 'zod';
import type { Recorder, Recording, RecordingSite } from '../recorder.js';
import { cacheFiles } from './artifacts.js';

/** Tells the emulator's plugin what runs on the host: kernel/lab/ek_mark.c. */
const module = 'ek_mark';
const countingFile = `/sys/module/${module}/parameters/counting`;

/** The emulator itself counts (the plugin); this says who works, and for how long to count. */
export const cachesRecorder: Recorder<Record<string, never>> = {
  name: 'caches',
  // Which caches there are is between the emulator and its plugin.
  options: z.strictObject({}),
  prepare: async (site) => {
    // From now on the model follows what the host's CPUs do, which fills its caches.
    await site.host.loadModule(module);
    return { start: () => startCounting(site) };
  },
};

async function startCounting({ host, artifactsFolder }: RecordingSite): Promise<Recording> {
  const startNs = process.hrtime.bigint();
  await host.writeFile(countingFile, '1');
  return {
    stop: async () => {
      await host.writeFile(countingFile, '0');
      const window = { startNs: `${startNs}`, endNs: `${process.hrtime.bigint()}` };
      await host.createFile(
        `${artifactsFolder}/${cacheFiles.window}`,
        `${JSON.stringify(window)}\n`,
      );
    },
  };
}
