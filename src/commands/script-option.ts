import { readFile } from 'node:fs/promises';
import { EvenkeelError } from '../process/errors.js';

/**
 * Reads the script that an option names.
 * @throws EvenkeelError if it cannot be read, or does not name its interpreter
 */
export async function readScript(option: string, file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new EvenkeelError(`${option}: ${cause.message}`, { cause });
  });
  if (!text.startsWith('#!')) {
    throw new EvenkeelError(`${option} ${file}: its first line must name its interpreter`, {
      hints: ['Begin a shell script with #!/bin/sh.'],
    });
  }
  return text;
}
