import { EvenkeelError } from '../../../process/errors.js';
import type { Builder } from './builder.js';
import type { BuildContext } from './context.js';
import { buildFilesystemImage, type FilesystemImage } from './filesystem-image.js';

const basePackages = ['busybox-static', 'iproute2', 'kmod', 'procps', 'util-linux'] as const;

/** Debian's rule for a package name (Debian Policy 5.6.1). */
const packageName = /^[a-z0-9][a-z0-9+.-]+$/;

/**
 * A root filesystem for a guest.
 * @param packages names of Debian packages that the guest needs besides the base
 * @throws EvenkeelError if one cannot be the name of a package
 */
export async function buildGuestRoot(
  context: BuildContext,
  packages: readonly string[],
  builder: Promise<Builder>,
): Promise<FilesystemImage> {
  for (const name of packages) {
    if (!packageName.test(name)) throw new EvenkeelError(`not a name of a Debian package: ${name}`);
  }
  const all = [...new Set<string>([...basePackages, ...packages])].sort();
  const options = { kind: 'guest-root', packages: all };
  return (await buildFilesystemImage(context, options, builder)).image;
}
