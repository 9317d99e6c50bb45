import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CpioEntry, writeCpio } from '../../../src/sites/lab/cpio.js';
import { readCpio } from './cpio-reader.js';

const segment = fc.oneof(
  fc.constantFrom('a', 'bin', 'lib'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((text) => !/[/\0]/.test(text)),
);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

/** Files at distinct paths, none of which is a folder on the way to another. */
const files = fc
  .uniqueArray(fc.record({ path, content: fc.uint8Array({ maxLength: 9 }) }), {
    selector: (file) => file.path,
    maxLength: 12,
  })
  .map((all) => all.filter((file) => !all.some((other) => other.path.startsWith(`${file.path}/`))));

function file(name: string, content = new Uint8Array()): CpioEntry {
  return { type: 'file', path: name, content };
}

function paths(entries: readonly CpioEntry[]): string[] {
  return readCpio(writeCpio(entries)).map((entry) => entry.path);
}

function parentsOf(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

describe('writeCpio', () => {
  test('keeps any set of files, with each parent once and before its children', () => {
    fc.assert(
      fc.property(files, (written) => {
        const archive = writeCpio(written.map((one) => file(one.path, one.content)));
        expect(archive.length % 512).toBe(0);
        const read = readCpio(archive);

        const isFile = ({ mode }: { mode: number }) => (mode & 0o170000) === 0o100000;
        expect(read.filter(isFile).map((one) => [one.path, one.content])).toEqual(
          written.map((one) => [one.path, Buffer.from(one.content)]),
        );
        const names = read.map((one) => one.path);
        expect(new Set(names).size).toBe(names.length);
        expect(new Set(read.map(({ inode }) => inode)).size).toBe(read.length);
        for (const [index, name] of names.entries()) {
          for (const parent of parentsOf(name)) {
            expect(names.indexOf(parent)).toBeGreaterThanOrEqual(0);
            expect(names.indexOf(parent)).toBeLessThan(index);
          }
        }
        const folders = new Set(written.flatMap((one) => parentsOf(one.path)));
        expect(names.length).toBe(written.length + folders.size);
      }),
    );
  });

  test('writes every type with its mode', () => {
    const content = Uint8Array.of(1, 2, 3);
    const entries: CpioEntry[] = [
      { type: 'directory', path: 'tmp', mode: 0o1777 },
      { type: 'directory', path: 'run' },
      { type: 'file', path: 'init', mode: 0o755, content },
      { type: 'file', path: 'plain', content },
      { type: 'symlink', path: 'lib', target: 'usr/lib' },
      { type: 'character-device', path: 'console', major: 5, minor: 1 },
    ];
    const read = readCpio(writeCpio(entries));
    expect(read.map(({ mode }) => mode.toString(8))).toEqual([
      '41777',
      '40755',
      '100755',
      '100644',
      '120777',
      '20600',
    ]);
    expect(read[4]?.content.toString()).toBe('usr/lib');
    expect(read[5]).toMatchObject({ major: 5, minor: 1 });
  });

  test.each([0, 1, 2, 3, 4, 5])('pads a name and a content of %i bytes more', (more) => {
    const name = 'n'.repeat(1 + more);
    const content = Buffer.alloc(more, 'x');
    const [first, second] = readCpio(writeCpio([file(name, content), file('next')]));
    expect(first).toMatchObject({ path: name, content });
    expect(second).toMatchObject({ path: 'next' });
  });

  test('takes a content that is a view into a larger buffer', () => {
    const larger = Uint8Array.of(9, 9, 1, 2, 9);
    const [entry] = readCpio(writeCpio([file('a', larger.subarray(2, 4))]));
    expect(entry?.content).toEqual(Buffer.of(1, 2));
  });

  test('adds only the parents that are missing', () => {
    const bin: CpioEntry = { type: 'directory', path: 'usr/bin', mode: 0o700 };
    const entries = [bin, file('usr/bin/a'), file('usr/bin/b')];
    expect(paths(entries)).toEqual(['usr', 'usr/bin', 'usr/bin/a', 'usr/bin/b']);
    expect(readCpio(writeCpio(entries))[1]?.mode).toBe(0o40700);
  });

  test('the same entries give the same bytes', () => {
    const entries = [file('b/c', Uint8Array.of(1)), file('a')];
    expect(writeCpio(entries)).toEqual(writeCpio(entries));
  });

  test.each<CpioEntry>([
    file('dev/null'),
    { type: 'symlink', path: 'dev/null', target: 'zero' },
    { type: 'character-device', path: 'dev/null', major: 1, minor: 3 },
  ])('refuses a second entry at a path: $type', (second) => {
    expect(() => writeCpio([file('dev/null'), second])).toThrow(RangeError);
    expect(() => writeCpio([file('dev/null'), second])).toThrow('dev/null occurs twice');
  });
});
