import { z } from 'zod';
import { EvenkeelError } from './errors.js';

const maxIssues = 5;

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
  const parsed = schema.safeParse(json);
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
