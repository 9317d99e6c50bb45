import { describe, expect, test } from 'vitest';
import {
  allMethods,
  defaultMethodIds,
  methodById,
  methodIds,
  methodOfGuest,
} from '../../src/methods/catalogue.js';
import { type Method, outsourcesSockets } from '../../src/methods/method.js';
import { EvenkeelError } from '../../src/process/errors.js';

function priorities({ settings }: Method): Record<string, string> {
  return Object.fromEntries(
    settings.flatMap((setting) =>
      setting.kind === 'scheduling'
        ? [[setting.threads, `${setting.policy} ${setting.priority}`]]
        : [],
    ),
  );
}

test('every method has an id of its own, by which it is found', () => {
  expect(new Set(methodIds).size).toBe(methodIds.length);
  expect(methodIds).toEqual(allMethods().map(({ id }) => id));
  for (const method of allMethods()) expect(methodById(method.id)).toBe(method);
});

test('an unknown id is answered with the methods that there are', () => {
  let failure: unknown;
  try {
    methodById('treaded');
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(EvenkeelError);
  expect(failure).toMatchObject({ message: 'unknown method "treaded"' });
  const hints = (failure as EvenkeelError).hints.join(' ');
  for (const id of methodIds) expect(hints).toContain(id);
});

test('compare runs methods that exist, vanilla first', () => {
  for (const id of defaultMethodIds) expect(methodIds).toContain(id);
  expect(defaultMethodIds[0]).toBe('vanilla');
});

describe.each(allMethods())('$id', (method) => {
  test('gives a reason for every setting', () => {
    expect(method.settings.length).toBeGreaterThan(0);
    for (const { why } of method.settings) expect(why).toMatch(/^[A-Z].*\.$/);
  });

  test('has a title and a summary', () => {
    expect(method.title).toMatch(/^[A-Z]/);
    expect(method.summary).toMatch(/\w/);
  });

  test('asks only for priorities that the policies have', () => {
    for (const setting of method.settings) {
      if (setting.kind !== 'scheduling') continue;
      const [lowest, highest] = setting.policy === 'other' ? [0, 0] : [1, 99];
      expect(setting.priority).toBeGreaterThanOrEqual(lowest);
      expect(setting.priority).toBeLessThanOrEqual(highest);
    }
  });
});

describe('Table 2', () => {
  const rtMethods = allMethods().filter(({ kernel }) => kernel === 'rt');

  test.each(rtMethods)('is what $id sets', (method) => {
    expect(priorities(method)).toMatchObject({
      'RT interrupt thread': 'fifo 50',
      ...(outsourcesSockets(method) ? {} : { 'RT vNIC': 'fifo 48' }),
      'RT vCPU': outsourcesSockets(method) ? 'rr 47' : 'fifo 47',
      'RT server': 'fifo 47',
      'non-RT interrupt thread': 'other 0',
    });
  });

  test('on vanilla Linux has no interrupt threads', () => {
    const vanilla = methodById('vanilla');
    expect(vanilla.kernel).toBe('non-rt');
    expect(priorities(vanilla)).toEqual({
      'RT vNIC': 'fifo 48',
      'RT vCPU': 'fifo 47',
      'RT server': 'fifo 47',
    });
  });
});

test.each(allMethods().filter(outsourcesSockets))(
  '$id keeps the vCPUs of a VM apart, with one priority',
  (method) => {
    const cpusOf = Object.fromEntries(
      method.settings.flatMap((setting) =>
        setting.kind === 'thread-affinity'
          ? setting.threads.map((threads) => [threads, setting.cpus])
          : [],
      ),
    );
    expect(cpusOf).toEqual({ 'housekeeping vCPU': 'last', 'RT vCPU': 'not-last' });
    // In turns, whoever has inherited the one's priority gets the other's CPU.
    expect(priorities(method)).toMatchObject({ 'housekeeping vCPU': 'rr 47', 'RT vCPU': 'rr 47' });
  },
);

test('no method sets what another setting of it has set', () => {
  for (const { settings } of allMethods()) {
    const targets = settings.flatMap((setting) => {
      switch (setting.kind) {
        case 'scheduling':
          return [`priority of ${setting.threads}`];
        case 'thread-affinity':
          return setting.threads.map((threads) => `CPUs of ${threads}`);
        case 'interrupt-affinity':
          return [`interrupts of ${setting.interrupts}`];
        case 'file':
          return [setting.path];
        case 'kernel-module':
          return [setting.module];
        default:
          return [setting.kind];
      }
    });
    expect(new Set(targets).size).toBe(targets.length);
  }
});

test('a guest runs with the methods that have RT VMs', () => {
  expect(methodOfGuest('outsourcing')).toBe(methodById('outsourcing'));
  expect(() => methodOfGuest('bare')).toThrow('the method bare has no RT VM');
});
