import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { digestOf, type JsonObject, sha256 } from '../../../process/digest.js';
import { EvenkeelError } from '../../../process/errors.js';

/** What an entry of the cache is made from. Anything that can change the result has to be in it. */
export type Inputs = JsonObject;

const keyDigits = 16;

/**
 * The key of the entry that `inputs` give: 16 hexadecimal digits, the same for the same inputs whatever
 * the order of their names. An entry that is made from another has the other's key among its inputs.
 */
export function keyOf(inputs: Inputs): string {
  return digestOf(inputs).slice(0, keyDigits);
}

/** The SHA-256 of a file's content, which may be larger than the memory, in hexadecimal digits. */
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
