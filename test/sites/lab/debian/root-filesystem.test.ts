import { expect, test } from 'vitest';
import { packagesIndex } from '../../../../src/sites/lab/debian/root-filesystem.js';

test("an index has each package's fields, and where its file is", () => {
  const packages = [
    { file: 'a_1%3a2_all.deb', path: 'pool/a.deb', sizeBytes: 5, sha256: 'aa' },
    { file: 'b_1_all.deb', path: 'pool/b.deb', sizeBytes: 6, sha256: 'bb' },
  ];
  const fields = 'Package: a\nDescription: x\n .\n y\n\nPackage: b\n\n';
  expect(packagesIndex(packages, fields)).toBe(
    [
      'Package: a\nDescription: x\n .\n y',
      'Filename: ./0.deb\nSize: 5\nSHA256: aa\n',
      'Package: b',
      'Filename: ./1.deb\nSize: 6\nSHA256: bb\n\n',
    ].join('\n'),
  );
});
