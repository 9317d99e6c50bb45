/** An entry of a cpio archive as the kernel unpacks it. */
export interface ReadEntry {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly content: Buffer;
  readonly major: number;
  readonly minor: number;
}

const headerBytes = 110;

/** Reads an uncompressed "newc" archive up to its trailer; throws if something is not where it should be. */
export function readCpio(archive: Buffer): ReadEntry[] {
  const entries: ReadEntry[] = [];
  for (let offset = 0; ; ) {
    const magic = archive.toString('latin1', offset, offset + 6);
    if (magic !== '070701') throw new Error(`offset ${offset}: expected a header, got "${magic}"`);
    const field = (index: number) => {
      const start = offset + 6 + index * 8;
      return Number.parseInt(archive.toString('latin1', start, start + 8), 16);
    };
    const nameEnd = offset + headerBytes + field(11);
    if (archive[nameEnd - 1] !== 0) throw new Error(`offset ${nameEnd - 1}: expected a NUL`);
    const path = archive.toString('utf8', offset + headerBytes, nameEnd - 1);
    if (path === 'TRAILER!!!') {
      if (archive.subarray(nameEnd).some((byte) => byte !== 0)) {
        throw new Error('there is something behind the trailer');
      }
      return entries;
    }
    const start = aligned(nameEnd);
    const end = start + field(6);
    entries.push({
      path,
      inode: field(0),
      mode: field(1),
      content: Buffer.from(archive.subarray(start, end)),
      major: field(9),
      minor: field(10),
    });
    offset = aligned(end);
  }
}

function aligned(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}
