import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readModule, withoutBtf, withoutSignature } from '../../../src/sites/lab/module-file.js';
import { sectionNames, writeElf } from './elf-file.js';

const marker = Buffer.from('~Module signature appended~\n');
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

/** As scripts/sign-file.c does it. */
function signed(module: Buffer, signature: Buffer, claimedBytes = signature.length): Buffer {
  const info = Buffer.alloc(12);
  info.writeUInt8(2, 2); // PKEY_ID_PKCS7
  info.writeUInt32BE(claimedBytes, 8);
  return Buffer.concat([module, signature, info, marker]);
}

describe('withoutSignature', () => {
  test('gives back what was signed', () => {
    fc.assert(
      fc.property(bytes, bytes, (module, signature) => {
        expect(withoutSignature(signed(module, signature)).equals(module)).toBe(true);
      }),
    );
  });

  test('takes off one signature, the last', () => {
    const once = signed(Buffer.from('module'), Buffer.from('first'));
    expect(withoutSignature(signed(once, Buffer.from('second'))).equals(once)).toBe(true);
  });

  test('leaves an unsigned module as it is', () => {
    fc.assert(
      fc.property(bytes, (module) => {
        fc.pre(!module.subarray(-marker.length).equals(marker));
        expect(withoutSignature(module).equals(module)).toBe(true);
      }),
    );
  });

  test('leaves a module as it is whose signature would be longer than the file', () => {
    const module = Buffer.from('module');
    const signature = Buffer.from('signature');
    const room = module.length + signature.length;
    for (const claimed of [room + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const hostile = signed(module, signature, claimed);
      expect(withoutSignature(hostile).equals(hostile)).toBe(true);
    }
    expect(withoutSignature(signed(module, signature, room))).toHaveLength(0);
  });

  test('leaves a marker alone that has no room for its structure in front of it', () => {
    for (let room = 0; room < 12; room += 1) {
      const short = Buffer.concat([Buffer.alloc(room), marker]);
      expect(withoutSignature(short).equals(short)).toBe(true);
    }
  });
});

describe('withoutBtf', () => {
  test('renames the BTF sections and changes nothing else', () => {
    const names = ['.text', '.BTF', '.bss', '.BTF.base', '.BTF_ids'];
    const module = writeElf(names);
    const before = Buffer.from(module);
    const slim = withoutBtf(module);
    expect(sectionNames(slim)).toEqual(
      ['.text', '.btf', '.bss', '.btf.base', '.btf_ids'].concat('.shstrtab'),
    );
    expect(module.equals(before)).toBe(true);
    const upperAgain = slim.toString('latin1').replaceAll('.btf', '.BTF');
    expect(Buffer.from(upperAgain, 'latin1').equals(module)).toBe(true);
  });

  test('leaves a module without BTF as it is', () => {
    const module = writeElf(['.text', '.data', '.debug.BTF']);
    expect(withoutBtf(module).equals(module)).toBe(true);
  });
});

test('readModule gives a module without its signature and its BTF', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-module-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'a.ko'), signed(writeElf(['.BTF']), Buffer.from('signature')));
  const { signal } = new AbortController();
  const module = await readModule(directory, { name: 'a', path: 'a.ko' }, signal);
  expect(Buffer.from(module).equals(writeElf(['.btf']))).toBe(true);
});
