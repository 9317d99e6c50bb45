import { build, type Histogram } from 'hdr-histogram-js';
import { EvenkeelError } from '../process/errors.js';

/**
 * The percentile distribution of HdrHistogram, a file `.hgrm`: what its page plotFiles.html and other
 * programs draw. It is for interchange. Its values are the upper bounds of buckets, less than 0.1 % above
 * the response times, and so are the mean and the SD below them.
 * Format: `outputPercentileDistribution()` of https://github.com/HdrHistogram/HdrHistogram
 */

/** Response times are recorded in nanoseconds, and written in microseconds. */
const nsPerUs = 1000;
/** A bucket is narrower than 1/1000 of its values. */
const significantDigits = 3;
/** As in HdrHistogram's own programs: lines between 0 % and 50 %, 50 % and 75 %, and so on. */
const linesPerHalfDistance = 5;

/**
 * Renders response times as a percentile distribution in microseconds.
 * @param responseTimesNs in any order
 * @param notes comments for the end of the file, e.g. the method and the clock; programs skip them
 * @throws EvenkeelError if a response time is not a whole number of nanoseconds
 */
export function renderHgrm(responseTimesNs: Float64Array, notes: readonly string[] = []): string {
  const distribution = histogramOf(responseTimesNs).outputPercentileDistribution(
    linesPerHalfDistance,
    nsPerUs,
  );
  const lines = notes.flatMap((note) => note.split('\n')).map((line) => `# ${line}\n`);
  return `${distribution}${lines.join('')}`;
}

function histogramOf(responseTimesNs: Float64Array): Histogram {
  const histogram = build({
    lowestDiscernibleValue: 1,
    // No response time can be above that, and its buckets take 180 kB however many there are.
    highestTrackableValue: Number.MAX_SAFE_INTEGER,
    numberOfSignificantValueDigits: significantDigits,
    bitBucketSize: 32,
    autoResize: false,
  });
  for (const ns of responseTimesNs) {
    if (!Number.isSafeInteger(ns) || ns < 0) {
      throw new EvenkeelError(
        `expected a response time in whole nanoseconds from 0 to ${Number.MAX_SAFE_INTEGER}, got ${ns}`,
      );
    }
    histogram.recordValue(ns);
  }
  return histogram;
}
