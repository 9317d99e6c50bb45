import { z } from 'zod';

const powerOfTwo = z
  .int()
  .min(1)
  .max(2 ** 30)
  .refine((number) => Number.isInteger(Math.log2(number)), 'must be a power of two');

/** The plugin chooses a set by address bits that it shares with the emulator's memory: plugin/plugin.c. */
const maxWayBytes = 2 ** 21;

const cacheSchema = z.strictObject({ bytes: powerOfTwo, ways: powerOfTwo });

/** The caches of the modelled processor: one for each CPU, and the last level, which all share. */
export const cachesSchema = z
  .strictObject({ own: cacheSchema, shared: cacheSchema, lineBytes: powerOfTwo.max(4096) })
  .superRefine(({ own, shared, lineBytes }, context) => {
    for (const [name, { bytes, ways }] of Object.entries({ own, shared })) {
      const wayBytes = bytes / ways;
      if (wayBytes >= lineBytes && wayBytes <= maxWayBytes) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `a way must have from a line's ${lineBytes} to ${maxWayBytes} bytes, got ${wayBytes}`,
      });
    }
  });

export type Caches = z.infer<typeof cachesSchema>;

/** Of the instrument: the caches that the emulator models. */
export const cachesOptionsSchema = z.strictObject({ caches: cachesSchema });

/**
 * Those of the paper's host, an Intel Core i7-6700K (Table 2): 256 KiB for each core, 8 MiB for all (Intel 64
 * and IA-32 Architectures Optimization Reference Manual, 248966-040, table 2-4).
 */
export const paperCaches: Caches = {
  own: { bytes: 2 ** 18, ways: 4 },
  shared: { bytes: 2 ** 23, ways: 16 },
  lineBytes: 64,
};

/** The options of the command line that ask for these caches, where they are not the paper's. */
export function optionsOfCaches({ own, shared, lineBytes }: Caches): string[] {
  const sizeAndWays = ({ bytes, ways }: Caches['own']) => `${bytes / 1024}K:${ways}`;
  const options: [name: string, value: string, standard: string][] = [
    ['--llc', sizeAndWays(shared), sizeAndWays(paperCaches.shared)],
    ['--cpu-cache', sizeAndWays(own), sizeAndWays(paperCaches.own)],
    ['--cache-line', `${lineBytes}`, `${paperCaches.lineBytes}`],
  ];
  return options
    .filter(([, value, standard]) => value !== standard)
    .map(([name, value]) => `${name} ${value}`);
}
