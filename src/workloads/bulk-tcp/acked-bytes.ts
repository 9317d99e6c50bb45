import { EvenkeelError } from '../../process/errors.js';
import { parseValidatedJson } from '../../process/json.js';
import {
  type AckedBytes,
  ackedBytesSchema,
  type MeasuredWindow,
} from '../../run-folder/artifacts.js';

/**
 * Parses a `heavy-<i>.jsonl`: acknowledged TCP payload bytes over time.
 * @throws EvenkeelError that names the line, also if time does not increase or bytes decrease.
 */
export function parseAckedSeries(text: string): AckedBytes[] {
  const series: AckedBytes[] = [];
  for (const [index, line] of text.trimEnd().split('\n').entries()) {
    const point = parseValidatedJson(`line ${index + 1}`, line, ackedBytesSchema);
    const previous = series.at(-1);
    if (previous && (point.tNs <= previous.tNs || point.bytesAcked < previous.bytesAcked)) {
      throw new EvenkeelError(
        `line ${index + 1}: expected a later time and no fewer bytes than in the line before`,
      );
    }
    series.push(point);
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

/** Mean throughput in the window in Mbit/s, of what `bytesAckedIn()` says. */
export function throughputMbps(series: readonly AckedBytes[], window: MeasuredWindow): number {
  const bitsPerNs = (bytesAckedIn(series, window) * 8) / Number(window.endNs - window.startNs);
  return bitsPerNs * 1000;
}

/** Bytes since the series began, interpolated, so that doubles are exact enough. */
function bytesAckedAt(series: readonly AckedBytes[], tNs: bigint): number {
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
  const elapsed = Number(tNs - from.tNs) / Number(to.tNs - from.tNs);
  return bytesFrom + Number(to.bytesAcked - from.bytesAcked) * elapsed;
}
