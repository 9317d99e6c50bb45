import { fileURLToPath } from 'node:url';

/** The folder of this package with what goes into the lab's images. */
export const labFolder = fileURLToPath(new URL('../../../../lab/', import.meta.url));

/** The folder of this package with the sources of its kernel modules. */
export const kernelFolder = fileURLToPath(new URL('../../../../kernel/', import.meta.url));

/** A folder of this package's sources, which have C programs beside what they belong to. */
export function sourceFolderOf(folder: string): string {
  return fileURLToPath(new URL(`../../../../src/${folder}/`, import.meta.url));
}
