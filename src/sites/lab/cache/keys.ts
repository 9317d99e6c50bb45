import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EvenkeelError } from '../../../process/errors.js';

/** What an entry of the cache is made from. Anything that can change the result has to be in it. */
export type Inputs = { readonly [name: string]: InputValue };
type InputValue = string | number | boolean | readonly InputValue[] | Inputs;

const keyDigits = 16;

/**
 * The key of the entry that `inputs` give: 16 hexadecimal digits, the same for the same inputs whatever
 * the order of their names. An entry that is made from another has the other's key among its inputs.
 */
export function keyOf(inputs: InputValue): string {
  return digestOf(inputs).slice(0, keyDigits);
}

/** The SHA-256 of which {@link keyOf} is the beginning. */
export function digestOf(value: InputValue): string {
  return sha256(canonicalJson(value));
}

function canonicalJson(value: InputValue): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** In hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The same of a file's content, which may be larger than the memory. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * The files below `directory` whose name matches, by path relative to it, each with its hash.
 * @throws EvenkeelError if there are none
 */
export async function sourceFiles(
  directory: string,
  name: RegExp,
): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (paths.length === 0) throw new EvenkeelError(`${directory}: no file matches ${name}`);
  const hashes = paths.map(async (path) => {
    const relative = path.slice(join(directory, '/').length);
    return [relative, sha256(await readFile(path))] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}
