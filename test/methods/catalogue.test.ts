import { describe, expect, test } from 'vitest';
import { settingSchema } from '../../src/host/settings/registry.js';
import {
  allMethods,
  defaultMethodIds,
  methodById,
  methodIds,
  methodOfGuest,
} from '../../src/methods/catalogue.js';
import { withHousekeeping } from '../../src/methods/housekeeping.js';
import { type Method, outsourcesSockets } from '../../src/methods/method.js';
import { EvenkeelError } from '../../src/process/errors.js';

function priorities({ settings }: Method): Record<string, string> {
  return Object.fromEntries(
    settings.flatMap((setting) =>
      setting.kind === 'scheduling'
        ? [[setting.named ?? setting.threads, `${setting.policy} ${setting.priority}`]]
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
  // TuneD and libvirt have priorities of their own.
  const rtMethods = allMethods().filter(({ id, kernel }) => kernel === 'rt' && id !== 'tuned');

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
          return [`priority of ${setting.named ?? setting.threads}`];
        case 'thread-affinity':
          return setting.threads.map((threads) => `CPUs of ${threads}`);
        case 'interrupt-affinity':
          return [`interrupts of ${setting.interrupts}`];
        case 'file':
          return [setting.path];
        case 'workqueue-affinity':
          return [`${setting.kind} ${setting.only}`];
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

test('every setting is one that its kind takes', () => {
  for (const { settings } of allMethods()) {
    for (const setting of settings) expect(settingSchema.parse(setting)).toEqual(setting);
  }
});

test('tuned has the priorities of TuneD and libvirt, and none for vNICs', () => {
  expect(priorities(methodById('tuned'))).toEqual({
    '^ksoftirqd/': 'fifo 2',
    '^ktimers/': 'fifo 2',
    '^rcuc/': 'fifo 4',
    '^rcub/': 'fifo 4',
    'RT vCPU': 'fifo 1',
    'housekeeping vCPU': 'fifo 1',
  });
});

test('the NAPI thread that never sleeps has no RT priority, and a CPU that others keep off', () => {
  const { settings } = methodById('napi-busy-poll');
  expect(priorities(methodById('napi-busy-poll'))).not.toHaveProperty('RT NAPI thread');
  expect(settings.map(({ kind }) => kind)).toContain('napi-busy-polling');
  for (const setting of methodById('exclusive').settings) expect(settings).toContain(setting);
});

describe('with an RT housekeeping vCPU', () => {
  const normal = allMethods().filter(
    (method) =>
      method.rtServer === undefined && !outsourcesSockets(method) && method.id !== 'tuned',
  );

  test.each(normal)('$id gives the vCPUs of the RT VM one priority', (method) => {
    const changed = withHousekeeping(method, 'rt');
    expect(changed.id).toBe(`${method.id}+rt-housekeeping`);
    expect(methodById(changed.id)).toEqual(changed);
    expect(changed.title).not.toBe(method.title);
    expect(changed.summary).not.toBe(method.summary);
    expect(priorities(changed)).toEqual({
      ...priorities(method),
      ...{ 'RT vCPU': 'rr 47', 'housekeeping vCPU': 'rr 47' },
    });
    const pinned = changed.settings.flatMap((setting) =>
      setting.kind === 'thread-affinity' ? setting.threads : [],
    );
    expect(new Set(pinned).size).toBe(pinned.length);
    expect(pinned).toEqual(expect.arrayContaining(['RT vCPU', 'housekeeping vCPU']));
    for (const setting of changed.settings) settingSchema.parse(setting);
  });

  test.each(['outsourcing', 'outsourcing-interrupt', 'tuned'])('%s has it already', (id) => {
    expect(() => withHousekeeping(methodById(id), 'rt')).toThrow('has an RT priority already');
  });

  test('a method without an RT VM makes no sense', () => {
    expect(() => withHousekeeping(methodById('bare'), 'rt')).toThrow('has no RT VM');
  });

  test('a normal one is what methods have', () => {
    for (const method of allMethods()) expect(withHousekeeping(method, 'normal')).toBe(method);
  });
});
