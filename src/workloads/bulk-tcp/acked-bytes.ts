import { z } from 'zod';
import { EvenkeelError } from '../../process/errors.js';
import { decimalBigint, parseJsonLines } from '../../process/json.js';
import type { MeasuredWindow } from '../../run-folder/manifest.js';
import type { RunFolder } from '../../run-folder/run-folder.js';
import { type HostNs, hostNsSchema, nsBetween } from '../../traces/time.js';
import { ackedSeriesFile } from './load.js';

/** A line of a series: acknowledged TCP payload bytes since the connection began. */
const ackedBytesSchema = z.strictObject({ tNs: hostNsSchema, bytesAcked: decimalBigint });
export type AckedBytes = z.infer<typeof ackedBytesSchema>;

/** For each Heavy Receiver of a run, the bytes that were acknowledged in the window. */
export async function ackedInWindow(folder: RunFolder, window: MeasuredWindow): Promise<number[]> {
  const bytes = [];
  for (let vm = 0; vm < folder.facts.environment.heavyVms; vm += 1) {
    bytes.push(
      await folder.parse(ackedSeriesFile(vm), (text) =>
        bytesAckedIn(parseAckedSeries(text.toString()), window),
      ),
    );
  }
  return bytes;
}

/**
 * Parses a series of acknowledged bytes over time.
 * @throws EvenkeelError that names the line, also if time does not increase or bytes decrease.
 */
export function parseAckedSeries(text: string): AckedBytes[] {
  const series = parseJsonLines(text, ackedBytesSchema);
  for (const [index, point] of series.entries()) {
    const previous = series[index - 1];
    if (previous && (point.tNs <= previous.tNs || point.bytesAcked < previous.bytesAcked)) {
      throw new EvenkeelError(
        `line ${index + 1}: expected a later time and no fewer bytes than in the line before`,
      );
    }
  }
  return series;
}

/**
 * Bytes that were acknowledged in the window; linear interpolation at the window's edges.
 * @param series as `parseAckedSeries()` returns it.
 * @throws EvenkeelError if the series begins after or ends before the window.
 */
export function bytesAckedIn(series: readonly AckedBytes[], window: MeasuredWindow): number {
  return bytesAckedAt(series, window.endNs) - bytesAckedAt(series, window.startNs);
}

/** Mbit/s of so many bytes in a window. */
export function mbps(bytes: number, window: MeasuredWindow): number {
  const bitsPerNs = (bytes * 8) / Number(nsBetween(window.startNs, window.endNs));
  return bitsPerNs * 1000;
}

/** Bytes since the series began, interpolated, so that doubles are exact enough. */
function bytesAckedAt(series: readonly AckedBytes[], tNs: HostNs): number {
  const first = series.at(0);
  const later = series.findIndex((point) => point.tNs >= tNs);
  const to = series[later];
  if (!first || !to || first.tNs > tNs) {
    throw new EvenkeelError(
      `the series covers ${first?.tNs} to ${series.at(-1)?.tNs} ns, but the window has an edge at ${tNs} ns`,
      { hints: ['The heavy load must start before the window and end after it.'] },
    );
  }
  const from = series[later - 1] ?? to;
  const bytesFrom = Number(from.bytesAcked - first.bytesAcked);
  if (from === to) return bytesFrom;
  const elapsed = Number(nsBetween(from.tNs, tNs)) / Number(nsBetween(from.tNs, to.tNs));
  return bytesFrom + Number(to.bytesAcked - from.bytesAcked) * elapsed;
}
