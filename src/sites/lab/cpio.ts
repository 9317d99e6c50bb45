/**
 * Writer of initramfs archives: cpio "newc", as the kernel's Documentation/driver-api/early-userspace/
 * buffer-format.rst defines it. Uncompressed, because the emulated machine would pay for the
 * decompression; with fixed times, owners and inode numbers, so that the same entries give the same bytes.
 */
export type CpioEntry =
  | { readonly type: 'directory'; readonly path: string; readonly mode?: number }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode?: number;
      readonly content: Uint8Array;
    }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | {
      readonly type: 'character-device';
      readonly path: string;
      readonly mode?: number;
      readonly major: number;
      readonly minor: number;
    };

const fileType = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  'character-device': 0o020000,
} as const;

const defaultMode = {
  directory: 0o755,
  file: 0o644,
  symlink: 0o777,
  'character-device': 0o600,
} as const;

const trailerName = 'TRAILER!!!';

/**
 * @param entries in the order in which the kernel is to unpack them; parent directories that are
 *   missing are added before their first child. Paths are relative, without a leading slash.
 * @returns the whole archive, padded to 512 bytes.
 * @throws RangeError if a path occurs twice, or a directory follows what is in it.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const chunks: Buffer[] = [];
  let inode = 1;
  for (const entry of withParents(entries)) {
    const content =
      entry.type === 'file'
        ? Buffer.from(entry.content.buffer, entry.content.byteOffset, entry.content.byteLength)
        : Buffer.from(entry.type === 'symlink' ? entry.target : '');
    const mode = 'mode' in entry && entry.mode !== undefined ? entry.mode : defaultMode[entry.type];
    const device = entry.type === 'character-device' ? entry : { major: 0, minor: 0 };
    chunks.push(
      header({
        inode,
        mode: fileType[entry.type] | mode,
        size: content.length,
        device,
        name: entry.path,
      }),
      content,
      padding(content.length),
    );
    inode += 1;
  }
  chunks.push(
    header({ inode: 0, mode: 0, size: 0, device: { major: 0, minor: 0 }, name: trailerName }),
  );
  const archive = Buffer.concat(chunks);
  return Buffer.concat([archive, Buffer.alloc(-archive.length & 511)]);
}

function header(fields: {
  inode: number;
  mode: number;
  size: number;
  device: { major: number; minor: number };
  name: string;
}): Buffer {
  const name = Buffer.from(`${fields.name}\0`);
  const hex = (value: number) => value.toString(16).padStart(8, '0').toUpperCase();
  const text = [
    '070701',
    hex(fields.inode),
    hex(fields.mode),
    hex(0), // uid
    hex(0), // gid
    hex(1), // nlink
    hex(0), // mtime
    hex(fields.size),
    hex(0), // device that holds the file: major
    hex(0), // and minor
    hex(fields.device.major),
    hex(fields.device.minor),
    hex(name.length),
    hex(0), // checksum, unused by this variant
  ].join('');
  return Buffer.concat([Buffer.from(text), name, padding(text.length + name.length)]);
}

function padding(length: number): Buffer {
  return Buffer.alloc(-length & 3);
}

function* withParents(entries: readonly CpioEntry[]): Generator<CpioEntry> {
  const seen = new Set<string>();
  for (const entry of entries) {
    const parts = entry.path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join('/');
      if (seen.has(parent)) continue;
      seen.add(parent);
      yield { type: 'directory', path: parent };
    }
    if (seen.has(entry.path)) throw new RangeError(`cpio: ${entry.path} occurs twice`);
    seen.add(entry.path);
    yield entry;
  }
}
