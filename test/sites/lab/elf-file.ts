const headerBytes = 64;
const sectionHeaderBytes = 64;

/** A 64-bit little-endian ELF file with empty sections of these names, and nothing else. */
export function writeElf(sections: readonly string[]): Buffer {
  const names = ['', ...sections, '.shstrtab'];
  const nameTable = Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1');
  const sectionHeaders = headerBytes + nameTable.length;

  const header = Buffer.alloc(headerBytes);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeBigUInt64LE(BigInt(sectionHeaders), 0x28);
  header.writeUInt16LE(sectionHeaderBytes, 0x3a);
  header.writeUInt16LE(names.length, 0x3c);
  header.writeUInt16LE(names.length - 1, 0x3e);

  let nameOffset = 0;
  const headers = names.map((name) => {
    const sectionHeader = Buffer.alloc(sectionHeaderBytes);
    sectionHeader.writeUInt32LE(nameOffset, 0x00);
    if (name === '.shstrtab') sectionHeader.writeBigUInt64LE(BigInt(headerBytes), 0x18);
    nameOffset += name.length + 1;
    return sectionHeader;
  });
  return Buffer.concat([header, nameTable, ...headers]);
}

/** Names of all sections but the first, which has none. */
export function sectionNames(elf: Buffer): string[] {
  const headers = Number(elf.readBigUInt64LE(0x28));
  const count = elf.readUInt16LE(0x3c);
  const table = Number(
    elf.readBigUInt64LE(headers + elf.readUInt16LE(0x3e) * sectionHeaderBytes + 0x18),
  );
  return Array.from({ length: count - 1 }, (_, index) => {
    const start = table + elf.readUInt32LE(headers + (index + 1) * sectionHeaderBytes);
    return elf.toString('latin1', start, elf.indexOf(0, start));
  });
}
