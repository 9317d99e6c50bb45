import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { EvenkeelError } from '../../process/errors.js';

/** Debian's largest kernel is about 70 MB without compression. */
const maxVmlinuxBytes = 512 * 2 ** 20;

const elfMagic = Buffer.from('\x7fELF', 'latin1');

interface Decompressor {
  readonly magic: Buffer;
  readonly command: readonly [string, ...string[]];
  /** The kernel's build appends the decompressed size, but for gzip, whose format ends with it. */
  readonly appendedBytes: number;
}

const decompressors: readonly Decompressor[] = [
  {
    magic: Buffer.from('fd377a585a00', 'hex'),
    command: ['xz', '--decompress', '--stdout', '--single-stream'],
    appendedBytes: 4,
  },
  {
    magic: Buffer.from('28b52ffd', 'hex'),
    command: ['zstd', '--decompress', '--stdout'],
    appendedBytes: 4,
  },
  {
    magic: Buffer.from('1f8b', 'hex'),
    command: ['gzip', '--decompress', '--stdout'],
    appendedBytes: 0,
  },
];

/**
 * The kernel inside a bzImage, an ELF file that QEMU boots directly (by its PVH entry point). The
 * emulated CPUs, and more so the nested ones, would take seconds to decompress it at each boot.
 *
 * @param bzImage path of a `vmlinuz`
 * @throws EvenkeelError if the file is no bzImage or its compression is unknown
 */
export async function extractVmlinux(bzImage: string, signal: AbortSignal): Promise<Buffer> {
  const payload = compressedPayload(await readFile(bzImage), bzImage);
  const decompressor = decompressors.find(({ magic }) =>
    payload.subarray(0, magic.length).equals(magic),
  );
  if (decompressor === undefined) {
    throw new EvenkeelError(
      `${bzImage}: expected a kernel compressed with xz, zstd or gzip, its payload starts with ${payload.toString('hex', 0, 6)}`,
    );
  }
  const [program, ...args] = decompressor.command;
  const { stdout, stderr } = await execa(program, args, {
    input: payload.subarray(0, payload.length - decompressor.appendedBytes),
    encoding: 'buffer',
    maxBuffer: maxVmlinuxBytes,
    cancelSignal: signal,
  });
  const vmlinux = Buffer.from(stdout);
  if (!vmlinux.subarray(0, elfMagic.length).equals(elfMagic)) {
    throw new EvenkeelError(`${bzImage}: its payload is no ELF file ${Buffer.from(stderr)}`);
  }
  return vmlinux;
}

/** Documentation/arch/x86/boot.rst, protocol 2.08 and later: `payload_offset`, `payload_length`. */
function compressedPayload(image: Buffer, path: string): Buffer {
  const isBzImage = image.length > 0x260 && image.toString('latin1', 0x202, 0x206) === 'HdrS';
  if (!isBzImage || image.readUInt16LE(0x206) < 0x208) {
    throw new EvenkeelError(`${path}: expected a bzImage of boot protocol 2.08 or later`);
  }
  const setupSectors = image.readUInt8(0x1f1) || 4;
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  return image.subarray(start, start + image.readUInt32LE(0x24c));
}
