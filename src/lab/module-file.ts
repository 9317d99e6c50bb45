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
 * A module's file, decompressed and without its signature: checking it would take the emulated CPU up
 * to half a second, and Debian's kernels load unsigned modules (they only note it as a taint).
 */
export async function readModule(
  modulesDirectory: string,
  { path }: KernelModule,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const file = join(modulesDirectory, path);
  if (!path.endsWith('.xz')) return withoutSignature(await readFile(file));
  const { stdout } = await execa('xz', ['--decompress', '--stdout', file], {
    encoding: 'buffer',
    maxBuffer: maxModuleBytes,
    cancelSignal: signal,
  });
  return withoutSignature(Buffer.from(stdout));
}

/** The module as it was before it was signed; an unsigned one as it is. */
export function withoutSignature(module: Buffer): Buffer {
  const marker = module.length - signatureMarker.length;
  if (marker < signatureInfoBytes || !module.subarray(marker).equals(signatureMarker)) return module;
  const info = marker - signatureInfoBytes;
  // The last field of the structure is the signature's length, big endian.
  const signatureBytes = module.readUInt32BE(marker - 4);
  return signatureBytes > info ? module : module.subarray(0, info - signatureBytes);
}
