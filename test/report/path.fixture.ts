import type { PathFigures } from '../../src/instruments/path/analyze.js';
import { chainOf, firstStep } from '../../src/instruments/path/chain.js';
import type { PathKind } from '../../src/instruments/path/points.js';
import type { PathSection } from '../../src/instruments/path/schema.js';
import { summarizePath } from '../../src/instruments/path/summarize.js';
import { asNs, asWireNs } from '../../src/traces/time.js';
import { generator } from './generator.js';

const requests = 400;

interface PathShape {
  path: PathKind;
  /** Of most steps. */
  stepUs: number;
  /** Mean of the exponential delay that a third of the requests has in each segment's scheduling. */
  delayUs: number;
  costs: boolean;
}

/** A plausible section, in which some requests were not seen at every point. */
export function pathFixture(shape: PathShape, seeds: readonly number[] = [1, 2]): PathSection {
  return summarizePath(seeds.map((seed) => ({ seed, figures: figuresOf(shape, seed) })));
}

function figuresOf({ path, stepUs, delayUs, costs }: PathShape, seed: number): PathFigures {
  const random = generator(seed * 31 + stepUs);
  const steps = [firstStep, ...chainOf(path, true)];
  const followed = Array.from({ length: requests - 3 }, () =>
    Float64Array.from(steps, ({ step }) => {
      const body = stepUs * (0.5 + random());
      const isLate = step.startsWith('scheduling') && random() < 0.3;
      return Math.round(1000 * (body - (isLate ? Math.log(1 - random()) * delayUs : 0)));
    }),
  );
  const responsesNs = [...followed, ...followed.slice(0, 3)].map((ns) =>
    ns.reduce((sum, one) => sum + one, 0),
  );
  return {
    path,
    steps: steps.map(({ segment, step }) => ({ segment, step })),
    followed,
    withoutInterrupt: 5,
    notFollowed: new Map([['waking', 3]]),
    responsesNs: Float64Array.from(responsesNs),
    lost: 0,
    dropped: 0,
    recordsPerRequest: steps.length * 1.4,
    exitsPerRequest: path === 'process' ? 0 : 2.2,
    cost: costs ? costOf(responsesNs) : undefined,
  };
}

function costOf(responsesNs: readonly number[]): NonNullable<PathFigures['cost']> {
  const samples = (addedNs: number) =>
    responsesNs.map((ns, sequence) => ({
      ...{ server: '10.0.0.1', sequence, requestNs: asWireNs(0n) },
      responseTimeNs: asNs(BigInt(ns + addedNs + (sequence % 7) * 100)),
    }));
  return {
    without: { samples: samples(0) },
    four: { samples: samples(450), points: 4, recordsPerRequest: 4 },
    all: { samples: samples(3100), points: 21, recordsPerRequest: 29.4 },
  };
}
