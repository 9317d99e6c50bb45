/** Reads protobuf without a schema (https://protobuf.dev/programming-guides/encoding/). */

export type Value = bigint | Uint8Array;
/** What a message has of each field, in the order of the bytes. */
export type Fields = ReadonlyMap<number, readonly Value[]>;

export function fieldsOf(bytes: Uint8Array): Fields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = new Map<number, Value[]>();
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = view.getUint8(offset);
      offset += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error(`varint before offset ${offset} has no end`);
  };
  const fixed64 = (): bigint => {
    offset += 8;
    return view.getBigUint64(offset - 8, true);
  };
  const block = (): Uint8Array => {
    const length = Number(varint());
    if (offset + length > bytes.length) throw new Error(`block at ${offset} is cut off`);
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  while (offset < bytes.length) {
    const tag = varint();
    const readers = new Map<bigint, () => Value>([
      [0n, varint],
      [1n, fixed64],
      [2n, block],
    ]);
    const read = readers.get(tag & 7n);
    if (read === undefined) throw new Error(`wire type ${tag & 7n} before offset ${offset}`);
    const number = Number(tag >> 3n);
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    values.push(read());
  }
  return fields;
}

export function messagesOf(fields: Fields, number: number): Fields[] {
  return (fields.get(number) ?? []).map((value) => fieldsOf(value as Uint8Array));
}

export function numberOf(fields: Fields, number: number): bigint | undefined {
  return fields.get(number)?.[0] as bigint | undefined;
}

export function textOf(fields: Fields, number: number): string | undefined {
  const bytes = fields.get(number)?.[0] as Uint8Array | undefined;
  return bytes && Buffer.from(bytes).toString('utf8');
}
