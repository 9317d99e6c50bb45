import { fileURLToPath } from 'node:url';

/** The folder of this package with what goes into the lab's images. */
export const labFolder = fileURLToPath(new URL('../../../../lab/', import.meta.url));

/** The folder of this package with the sources of its kernel modules. */
export const kernelFolder = fileURLToPath(new URL('../../../../kernel/', import.meta.url));
