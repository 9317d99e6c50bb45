import type { Inversion } from '../../src/instruments/inversions/find.js';
import { inversions } from '../../src/instruments/inversions/instrument.js';
import type { InversionsSection } from '../../src/instruments/inversions/schema.js';
import { asFtraceUs } from '../../src/traces/time.js';
import { generator } from './generator.js';

const parties = {
  'softirq-lock': { other: 'ksoftirqd/1', waitedIn: '__local_bh_disable_ip' },
  'preempted-softirq': { other: 'ksoftirqd/1', waitedIn: '' },
  'non-rt-work': { other: 'enp0s3', waitedIn: '' },
  lock: { other: 'vhost-905', waitedIn: '__mod_timer' },
} as const;

type Kind = keyof typeof parties;

/** A section with so many inversions of each kind in a run, of about `meanUs` each. */
export function inversionsFixture(
  times: Readonly<Partial<Record<Kind, number>>>,
  meanUs: number,
  seeds: readonly number[] = [1, 2],
): InversionsSection {
  return inversions.summarize(
    seeds.map((seed) => {
      const random = generator(seed * 17 + meanUs);
      const found = (Object.entries(times) as [Kind, number][]).flatMap(([kind, count]) =>
        Array.from(
          { length: count },
          (_, index): Inversion => ({
            kind,
            atUs: asFtraceUs(1000 + index * 500),
            us: Math.round(-Math.log(1 - random()) * meanUs),
            cpu: index % 2,
            victim: 'irq/26-enp0s2 (FIFO 50)',
            ...parties[kind],
          }),
        ),
      );
      return { seed, figures: { inversions: found, rtScheduled: 1000 } };
    }),
  );
}
