import { expect, test } from 'vitest';
import {
  aptArguments,
  type PackageSet,
  parseUris,
  versionsOf,
} from '../../../../src/sites/lab/debian/package-set.js';

const mirror = 'http://mirror.example/debian/';
const hash = 'a'.repeat(64);
const all: PackageSet = {
  name: 'test',
  packages: ['kmod', 'busybox-static'],
  type: 'binary',
  targetRelease: 'trixie',
  filePrefixes: [],
};
const kernel: PackageSet = { ...all, packages: ['linux-image-amd64'], filePrefixes: ['linux-'] };

const printed = [
  'Reading package lists...',
  'NOTICE: something',
  `'${mirror}pool/main/l/linux/linux-image-6.12_6.12.1-1_amd64.deb' linux-image-6.12_6.12.1-1_amd64.deb 900 SHA256:${hash}`,
  `'${mirror}pool/main/b/busybox/busybox-static_1.37.0-6%2bb9_amd64.deb' busybox-static_1%3a1.37.0-6+b9_amd64.deb 123 SHA256:${hash}`,
  '',
].join('\n');

test('reads the files that apt names, in alphabetical order', () => {
  expect(parseUris(printed, mirror, all)).toEqual([
    {
      file: 'busybox-static_1%3a1.37.0-6+b9_amd64.deb',
      path: 'pool/main/b/busybox/busybox-static_1.37.0-6%2bb9_amd64.deb',
      sizeBytes: 123,
      sha256: hash,
    },
    {
      file: 'linux-image-6.12_6.12.1-1_amd64.deb',
      path: 'pool/main/l/linux/linux-image-6.12_6.12.1-1_amd64.deb',
      sizeBytes: 900,
      sha256: hash,
    },
  ]);
});

test('keeps only the files that belong to the set', () => {
  const files = parseUris(printed, mirror, kernel).map(({ file }) => file);
  expect(files).toEqual(['linux-image-6.12_6.12.1-1_amd64.deb']);
});

test.each([
  ['a weaker hash', printed.replace(`SHA256:${hash}`, 'MD5Sum:00')],
  ['another mirror', printed.replaceAll('mirror.example', 'elsewhere.example')],
])('refuses %s', (_case, text) => {
  expect(() => parseUris(text, mirror, all)).toThrow(`of a file of ${mirror}: '`);
});

test('refuses an answer without files', () => {
  expect(() => parseUris('Reading package lists...\n', mirror, all)).toThrow(
    'expected URIs of packages: Reading package lists...',
  );
});

test('a name and version are read from a file name', () => {
  expect(versionsOf(parseUris(printed, mirror, all))).toEqual({
    'busybox-static': '1:1.37.0-6+b9',
    'linux-image-6.12': '6.12.1-1',
  });
});

test('a whole system has what is essential besides the packages', () => {
  const words = ['install', '--yes', '--no-install-recommends', '--target-release', 'trixie'];
  expect(aptArguments(all)).toEqual([...words, '?essential', 'kmod', 'busybox-static']);
  expect(aptArguments(kernel)).toEqual([...words, 'linux-image-amd64']);
  expect(aptArguments({ ...all, type: 'source', packages: ['qemu'] })).toEqual(['source', 'qemu']);
});
