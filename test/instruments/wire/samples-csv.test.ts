import { expect, test } from 'vitest';
import { formatSamplesCsv } from '../../../src/instruments/wire/samples-csv.js';
import { asNs, asWireNs } from '../../../src/traces/time.js';

test('formatSamplesCsv writes a header and a line per sample', () => {
  const samples = [
    {
      server: '10.0.0.2',
      sequence: 0,
      requestNs: asWireNs(9_007_199_254_740_993n),
      responseTimeNs: asNs(1000n),
    },
    {
      server: '10.0.0.3',
      sequence: 2,
      requestNs: asWireNs(9_007_199_254_741_993n),
      responseTimeNs: asNs(2000n),
    },
  ];
  expect(formatSamplesCsv(samples)).toBe(
    'server,sequence,request_ns,response_time_ns\n10.0.0.2,0,9007199254740993,1000\n10.0.0.3,2,9007199254741993,2000\n',
  );
  expect(formatSamplesCsv([])).toBe('server,sequence,request_ns,response_time_ns\n');
});
