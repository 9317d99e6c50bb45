import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { KernelModule } from './kernel-modules.js';

/** Longest module of Debian's kernels, decompressed, is about 10 MB. */
const maxModuleBytes = 64 * 2 ** 20;

/** kernel/module/signing.c: `struct module_signature`, then this text, end a signed module. */
const signatureMarker = Buffer.from('~Module signature appended~\n');
const signatureInfoBytes = 12;

/**
 * A module's file, decompressed, without its signature and its BTF. To check and parse them would take
 * the emulated CPU up to two seconds a module. Debian's kernels load unsigned modules (they only note
 * it as a taint), and BTF serves nothing but BPF programs.
 */
export async function readModule(
  modulesDirectory: string,
  { path }: KernelModule,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const file = join(modulesDirectory, path);
  if (!path.endsWith('.xz')) return slimModule(await readFile(file));
  const { stdout } = await execa('xz', ['--decompress', '--stdout', file], {
    encoding: 'buffer',
    maxBuffer: maxModuleBytes,
    cancelSignal: signal,
  });
  return slimModule(Buffer.from(stdout));
}

function slimModule(module: Buffer): Buffer {
  return withoutBtf(withoutSignature(module));
}

/** The module as it was before it was signed; an unsigned one as it is. */
export function withoutSignature(module: Buffer): Buffer {
  const marker = module.length - signatureMarker.length;
  if (marker < signatureInfoBytes || !module.subarray(marker).equals(signatureMarker))
    return module;
  const info = marker - signatureInfoBytes;
  // The last field of the structure is the signature's length, big endian.
  const signatureBytes = module.readUInt32BE(marker - 4);
  return signatureBytes > info ? module : module.subarray(0, info - signatureBytes);
}

/** Offsets in the headers of a 64-bit little-endian ELF file (elf(5)). */
const elfHeader = { sectionHeaders: 0x28, entryBytes: 0x3a, entries: 0x3c, nameSection: 0x3e };
const sectionHeader = { name: 0x00, offset: 0x18 };

/**
 * The module with its BTF sections renamed, so that the kernel does not find them
 * (kernel/module/main.c looks them up by name).
 */
export function withoutBtf(module: Buffer): Buffer {
  const copy = Buffer.from(module);
  const entryBytes = copy.readUInt16LE(elfHeader.entryBytes);
  const headers = Number(copy.readBigUInt64LE(elfHeader.sectionHeaders));
  const headerOf = (index: number) => headers + index * entryBytes;
  const names = Number(
    copy.readBigUInt64LE(headerOf(copy.readUInt16LE(elfHeader.nameSection)) + sectionHeader.offset),
  );
  for (let index = 0; index < copy.readUInt16LE(elfHeader.entries); index += 1) {
    const name = names + copy.readUInt32LE(headerOf(index) + sectionHeader.name);
    if (copy.toString('latin1', name, name + 4) === '.BTF') copy.write('.btf', name, 'latin1');
  }
  return copy;
}
