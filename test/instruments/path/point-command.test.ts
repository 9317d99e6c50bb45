import { describe, expect, test } from 'vitest';
import { type KernelFacts, pointCommand } from '../../../src/instruments/path/point-command.js';
import { fourPointsOf, pathKinds, pathOf, pointsOf } from '../../../src/instruments/path/points.js';
import { methodById, methodIds } from '../../../src/methods/catalogue.js';

const host: KernelFacts = {
  threads: new Map([
    ['RT interrupt thread', [31, 32]],
    ['RT vNIC', [41]],
    ['RT vCPU', [42]],
    ['RT server', [43]],
  ]),
  receiveInterrupts: [24],
  devices: new Map([
    ['RT NIC', 2],
    ['RT tap', 7],
  ]),
  server: undefined,
};
const guest: KernelFacts = {
  threads: new Map(),
  receiveInterrupts: [],
  devices: new Map(),
  server: { pid: 1, cpu: 1 },
};

/** The longest command and symbol that the module takes (kernel/probe). */
const commandBytes = 512;
const symbolBytes = 64;

describe.each(pathKinds)('the points of %s', (path) => {
  const points = pointsOf(path);

  test('have numbers of their own below 64', () => {
    const numbers = points.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(...numbers)).toBeLessThan(64);
  });

  test('are commands that the module has room for', () => {
    for (const point of points) {
      const command = pointCommand(point, point.kernel === 'host' ? host : guest);
      expect(command.length).toBeLessThan(commandBytes);
      expect(point.symbol.length).toBeLessThan(symbolBytes);
      expect(command).toMatch(
        /^point \d+ (tracepoint|function) \w+( (number|task)=\d| message=\d:7000:4(:\d+)?| (value|current)=\d+(,\d+)*| cpu=\d)*$/,
      );
    }
  });

  test('include the four of the paper, which are the host’s', () => {
    const four = fourPointsOf(path);
    expect(four).toHaveLength(4);
    for (const point of four) expect(point.kernel).toBe('host');
  });
});

test('every method has a path', () => {
  expect(methodIds.map((id) => pathOf(methodById(id)))).toContain('virtio');
  expect(pathOf(methodById('outsourcing'))).toBe('outsourced');
  expect(pathOf(methodById('outsourcing-interrupt'))).toBe('outsourced-interrupt');
  expect(pathOf(methodById('bare'))).toBe('process');
});

test('names are resolved to numbers', () => {
  const command = (name: string, facts: KernelFacts) => {
    const point = pointsOf('virtio').find((one) => one.name === name);
    return point && pointCommand(point, facts);
  };
  expect(command('interrupt', host)).toBe('point 0 tracepoint irq_handler_entry number=0 value=24');
  expect(command('switch', host)).toBe(
    'point 1 tracepoint sched_switch task=2 value=31,32,41,42,43',
  );
  expect(command('tap', host)).toBe('point 5 tracepoint net_dev_start_xmit message=0:7000:4:7');
  expect(command('VM entry', host)).toBe('point 7 tracepoint kvm_entry current=42');
  expect(command('guest switch', guest)).toBe(
    'point 36 tracepoint sched_switch task=2 value=1 cpu=1',
  );
});

test('a condition that nothing fulfils is an error, and not none', () => {
  const [point] = pointsOf('virtio').filter(({ name }) => name === 'VM entry');
  expect(() => point && pointCommand(point, { ...host, threads: new Map() })).toThrow(
    'the probe "VM entry": the host has no RT vCPU',
  );
});
