import { z } from 'zod';
import { EvenkeelError } from './errors.js';
import { writeOutputFile } from './output.js';

const maxIssues = 5;

/**
 * A JSON document as it is printed and written to files: indented, with a newline at its end. A bigint is a
 * decimal string in it.
 */
export function formatJson(value: unknown): string {
  const plain = (_name: string, part: unknown) => (typeof part === 'bigint' ? `${part}` : part);
  return `${JSON.stringify(value, plain, 2)}\n`;
}

/**
 * Writes a JSON document. The file is replaced as a whole: whoever reads it, even after a crash, sees the
 * old document or the new one.
 * @throws EvenkeelError if the file cannot be written
 */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await writeOutputFile(path, formatJson(value));
}

/**
 * Parses JSON text and validates it.
 * @param source what the text is, for messages; a path, with a line number if it is one line.
 * @throws EvenkeelError that names the source and, for at most five issues, the path in the JSON.
 */
export function parseValidatedJson<T>(source: string, text: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EvenkeelError(`${source}: expected JSON: ${(cause as SyntaxError).message}`, {
      cause,
      fields: { source },
    });
  }
  return validated(source, json, schema);
}

/**
 * Parses a text of one JSON document per line, and validates each.
 * @throws EvenkeelError that names the line
 */
export function parseJsonLines<T>(text: string, schema: z.ZodType<T>): T[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line, index) => parseValidatedJson(`line ${index + 1}`, line, schema));
}

/**
 * A value as its schema has it.
 * @param source what the value is, for messages
 * @throws EvenkeelError that names the source and, for at most five issues, the path in the value
 */
export function validated<T>(source: string, value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new EvenkeelError(`${source}: ${describeIssues(parsed.error)}`, { fields: { source } });
}

function describeIssues({ issues }: z.ZodError): string {
  const lines = issues.slice(0, maxIssues).map(({ path, message }) => {
    const place = path.length === 0 ? 'the whole document' : z.core.toDotPath(path);
    return `${place}: ${message}`;
  });
  if (issues.length > maxIssues) lines.push(`and ${issues.length - maxIssues} more`);
  return lines.length === 1 ? lines.join() : `\n  ${lines.join('\n  ')}`;
}

/** JSON numbers lose precision above 2^53, so large integers are decimal strings in JSON. */
export const decimalBigint = z.codec(z.string().regex(/^\d{1,20}$/), z.bigint(), {
  decode: BigInt,
  encode: String,
});
