import { expect, test } from 'vitest';
import { recordersOf } from '../../src/instruments/recorders.js';

test('a run has the recorders of its instruments', () => {
  const basic = [{ name: 'wire' }, { name: 'throughput' }, { name: 'cpu' }];
  expect(recordersOf({ instruments: basic })).toHaveLength(1);
  const probes = { name: 'path', path: 'outsourced', probes: 'all' };
  const [path] = recordersOf({ instruments: [...basic, probes] });
  expect(path?.rtGuest?.kernelArguments).toEqual(['evenkeel.probed=1']);
});

test('an instrument that there is not, or options that it does not have, are refused', () => {
  expect(() => recordersOf({ instruments: [{ name: 'thermometer' }] })).toThrow(
    'unknown instrument "thermometer"',
  );
  expect(() => recordersOf({ instruments: [{ name: 'cpu', hertz: 5 }] })).toThrow(
    'instrument cpu: ',
  );
  expect(() => recordersOf({ instruments: [{ name: 'path', path: 'tunnel' }] })).toThrow(
    'instrument path: ',
  );
});
