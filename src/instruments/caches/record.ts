import type { z } from 'zod';
import type { Recorder } from '../recorder.js';
import { cacheFiles } from './artifacts.js';
import { cachesOptionsSchema } from './geometry.js';

/** Tells the emulator's plugin what runs on the host: kernel/lab/ek_mark.c. */
const module = 'ek_mark';
const countingFile = `/sys/module/${module}/parameters/counting`;

/** The emulator itself counts (the plugin); this says who works, and for how long to count. */
export const cachesRecorder: Recorder<z.infer<typeof cachesOptionsSchema>> = {
  name: 'caches',
  options: cachesOptionsSchema,
  // From now on the model follows what the host's CPUs do, which fills its caches.
  prepare: ({ host }) => host.loadModule(module),
  start: async ({ host, artifactsFolder }) => {
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
  },
};
