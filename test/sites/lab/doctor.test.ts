import { expect, test } from 'vitest';
import { checkMachine, type MachineFacts } from '../../../src/sites/lab/doctor.js';

const gibibyte = 2 ** 30;
const goodMachine: MachineFacts = {
  nodeVersion: '20.19.0',
  root: 'sudo',
  missingPackages: [],
  missingPrograms: [],
  cacheDirectory: '/home/user/.cache/evenkeel',
  freeDiskBytes: 9 * gibibyte,
  availableMemoryBytes: 7 * gibibyte,
  mirror: { uri: 'http://mirror.example/debian/' },
  kvm: 'none',
  cache: { entries: 0, sizeBytes: 0 },
};

function check(name: string, change: Partial<MachineFacts>) {
  return checkMachine({ ...goodMachine, ...change }).find((one) => one.name === name);
}

test('finds nothing wrong with a good machine', () => {
  expect(checkMachine(goodMachine).filter(({ status }) => status !== 'ok')).toEqual([]);
});

test('every problem comes with a fix', () => {
  const checks = checkMachine({
    ...goodMachine,
    nodeVersion: '18.20.4',
    root: 'none',
    missingPackages: ['mmdebstrap'],
    freeDiskBytes: gibibyte,
    availableMemoryBytes: gibibyte,
    mirror: { failure: 'no network' },
  });
  const problems = checks.filter(({ status }) => status === 'problem');
  expect(problems.map(({ name }) => name)).toEqual([
    'node',
    'root',
    'package mmdebstrap',
    'disk',
    'memory',
    'mirror',
  ]);
  for (const { fix } of problems) expect(fix).toMatch(/\w/);
});

test.each([
  ['20.18.9', 'problem'],
  ['20.19.0', 'ok'],
  ['22.0.0', 'ok'],
  ['100.1.0', 'ok'],
])('node %s: %s', (nodeVersion, status) => {
  expect(check('node', { nodeVersion })?.status).toBe(status);
});

test('a missing package is no problem for who can install it', () => {
  const missingPackages = ['mount'];
  expect(check('package mount', { missingPackages })?.status).toBe('warning');
  expect(check('package mount', { missingPackages, root: 'none' })?.status).toBe('problem');
});

test('a machine without dpkg is a problem', () => {
  expect(check('packages', { missingPackages: undefined })?.status).toBe('problem');
});

test('what the cache holds counts as room', () => {
  const cache = { entries: 5, sizeBytes: 2 * gibibyte };
  expect(check('disk', { freeDiskBytes: 7 * gibibyte })?.status).toBe('problem');
  expect(check('disk', { freeDiskBytes: 7 * gibibyte, cache })?.status).toBe('ok');
});

test('an unreachable mirror does no harm to who has the images', () => {
  const mirror = { failure: 'no network' };
  const cache = { entries: 5, sizeBytes: gibibyte };
  expect(check('mirror', { mirror })?.status).toBe('problem');
  expect(check('mirror', { mirror, cache })?.status).toBe('warning');
});

test.each([
  ['nested', 'nested VMs too'],
  ['not nested', 'without nested VMs'],
  ['no access', 'may not be opened'],
  ['none', 'no /dev/kvm'],
] as const)('KVM is for information: %s', (kvm, detail) => {
  expect(check('kvm', { kvm })).toMatchObject({
    status: 'ok',
    detail: expect.stringContaining(detail),
  });
});

test('a missing program is a problem, unless the first build installs it', () => {
  const missingPrograms = ['flock', 'mmdebstrap'];
  const facts = { missingPrograms, missingPackages: ['mmdebstrap'] };
  expect(check('program flock', facts)).toMatchObject({
    status: 'problem',
    fix: expect.stringContaining('util-linux'),
  });
  expect(check('program mmdebstrap', facts)).toBeUndefined();
});
