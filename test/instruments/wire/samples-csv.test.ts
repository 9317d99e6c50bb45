import { expect, test } from 'vitest';
import { formatSamplesCsv } from '../../../src/instruments/wire/samples-csv.js';

test('formatSamplesCsv writes a header and a line per sample', () => {
  const samples = [
    { sequence: 0, requestNs: 9_007_199_254_740_993n, responseTimeNs: 1000n },
    { sequence: 2, requestNs: 9_007_199_254_741_993n, responseTimeNs: 2000n },
  ];
  expect(formatSamplesCsv(samples)).toBe(
    'sequence,request_ns,response_time_ns\n0,9007199254740993,1000\n2,9007199254741993,2000\n',
  );
  expect(formatSamplesCsv([])).toBe('sequence,request_ns,response_time_ns\n');
});
