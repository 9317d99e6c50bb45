import { expect, test } from 'vitest';
import { parseMirror } from '../../../../src/sites/lab/debian/mirror.js';

const line = (...fields: string[]) => fields.join('\t');

/** What apt 2.6 prints on a Debian 12 with another repository and a disc before the archive. */
const indextargets = [
  line('cdrom:[Debian GNU/Linux 12 - Official amd64]/', 'bookworm', 'Debian'),
  line('https://packages.example/node_20.x/', 'nodistro', 'Node Source'),
  line('http://security.example/debian-security/', 'bookworm-security', 'Debian'),
  line('http://mirror.example/debian/', 'bookworm', 'Debian'),
  line('http://mirror.example/debian/', 'bookworm-updates', 'Debian'),
  line('http://other.example/debian/', 'bookworm-backports', 'Debian Backports'),
  '',
].join('\n');

test('is the archive itself: no disc, not the security archive, nobody else', () => {
  expect(parseMirror(indextargets)).toBe('http://mirror.example/debian/');
});

test('ends in a slash', () => {
  const targets = line('mirror+file:/etc/apt/mirrors/debian.list', 'trixie', 'Debian');
  expect(parseMirror(targets)).toBe('mirror+file:/etc/apt/mirrors/debian.list/');
});

test('is none if apt has no lists yet, or none of Debian', () => {
  expect(parseMirror(line('http://mirror.example/debian/', '', ''))).toBeUndefined();
  expect(parseMirror(line('http://mirror.example/ubuntu/', 'noble', 'Ubuntu'))).toBeUndefined();
  expect(parseMirror('')).toBeUndefined();
});
