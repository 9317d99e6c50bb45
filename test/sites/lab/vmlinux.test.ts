import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { EvenkeelError } from '../../../src/process/errors.js';
import { extractVmlinux } from '../../../src/sites/lab/vmlinux.js';

const kernel = Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(3000, 'kernel')]);

interface ImageParts {
  readonly payload: Buffer;
  readonly magic?: string;
  readonly protocol?: number;
  /** 0 stands for 4, as in old images. */
  readonly setupSectors?: number;
}

/** Boot sector, setup code, and the protected-mode code that holds the payload somewhere inside. */
function bzImage({ payload, magic = 'HdrS', protocol = 0x20f, setupSectors = 3 }: ImageParts) {
  const setup = Buffer.alloc(((setupSectors || 4) + 1) * 512);
  setup.writeUInt8(setupSectors, 0x1f1);
  setup.write(magic, 0x202, 'latin1');
  setup.writeUInt16LE(protocol, 0x206);
  const decompressor = Buffer.alloc(77, 0x90);
  setup.writeUInt32LE(decompressor.length, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([setup, decompressor, payload, Buffer.alloc(40, 0xff)]);
}

/** gzip's format ends with the size; behind other compressed data the build of the kernel puts it. */
function compressed(content: Buffer, program: 'gzip' | 'xz' = 'gzip'): Buffer {
  if (program === 'gzip') return gzipSync(content);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  return Buffer.concat([execFileSync('xz', ['--stdout'], { input: content }), size]);
}

async function extract(image: Buffer): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-vmlinux-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'vmlinuz'), image);
  return extractVmlinux(join(directory, 'vmlinuz'), new AbortController().signal);
}

test.each([3, 0, 39])('finds the kernel behind %i setup sectors', async (setupSectors) => {
  const vmlinux = await extract(bzImage({ payload: compressed(kernel), setupSectors }));
  expect(vmlinux.equals(kernel)).toBe(true);
});

test('decompresses what xz has compressed', async () => {
  const vmlinux = await extract(bzImage({ payload: compressed(kernel, 'xz') }));
  expect(vmlinux.equals(kernel)).toBe(true);
});

test.each([
  ['a file without the magic', bzImage({ payload: compressed(kernel), magic: 'HdrX' })],
  ['an old boot protocol', bzImage({ payload: compressed(kernel), protocol: 0x207 })],
  ['a file that is cut off', bzImage({ payload: compressed(kernel) }).subarray(0, 0x210)],
  ['an empty file', Buffer.alloc(0)],
])('is no bzImage: %s', async (_, image) => {
  const failure = extract(image);
  await expect(failure).rejects.toThrow(EvenkeelError);
  await expect(failure).rejects.toThrow(
    /vmlinuz: expected a bzImage of boot protocol 2\.08 or later/,
  );
});

test('names what it cannot decompress', async () => {
  const payload = Buffer.from('04224d1864400000', 'hex'); // LZ4
  const failure = extract(bzImage({ payload }));
  await expect(failure).rejects.toThrow(EvenkeelError);
  await expect(failure).rejects.toThrow('its payload starts with 04224d186440');
});

test('refuses a payload that is no ELF file', async () => {
  const failure = extract(bzImage({ payload: compressed(Buffer.from('something else')) }));
  await expect(failure).rejects.toThrow(/its payload is no ELF file/);
});
