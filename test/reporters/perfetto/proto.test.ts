import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { file_trace } from '../../../src/reporters/perfetto/trace_pb.js';

const proto = new URL('../../../src/reporters/perfetto/trace.proto', import.meta.url);

/** A line of the file, without blanks at its ends and comments. */
async function declarations(): Promise<string[]> {
  const lines = (await readFile(proto, 'utf8')).split('\n');
  return lines.map((line) => line.replace(/\/\/.*/, '').trim()).filter((line) => line !== '');
}

test('what is generated has the fields and numbers of trace.proto, and no others', async () => {
  const source = await declarations();
  const fields = source.filter((line) => / = \d+;$/.test(line));
  const enums = file_trace.messages.flatMap(({ nestedEnums }) => nestedEnums);
  const generated = [
    ...file_trace.messages.flatMap((message) => message.fields),
    ...enums.flatMap(({ values }) => values),
  ].map(({ name, number }) => `${name} = ${number};`);
  expect(fields.map((line) => line.split(' ').slice(-3).join(' ')).toSorted()).toEqual(
    generated.toSorted(),
  );

  const types = source.flatMap((line) => /^(?:message|enum) (\w+)/.exec(line)?.[1] ?? []);
  const described = [...file_trace.messages, ...enums].map(({ name }) => name);
  expect(types.toSorted()).toEqual(described.toSorted());
});
