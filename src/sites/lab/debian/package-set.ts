import { z } from 'zod';
import { EvenkeelError } from '../../../process/errors.js';

/** The Debian release that everything in the lab comes from. */
export const release = 'trixie';
export const backports = `${release}-backports`;
/** The release before it, of which the guests may have the kernel. */
export const oldRelease = 'bookworm';

/** Packages as a part of the lab declares them, before apt has chosen versions. */
export type PackageSet = {
  /** Name of the part. */
  readonly name: string;
  /** Names of the packages; of source packages if `type` is that. */
  readonly packages: readonly string[];
  readonly type: 'binary' | 'source';
  /** The release whose versions are preferred. */
  readonly targetRelease: string;
  /**
   * What belongs to the set of all that would be installed: files whose names start with one of these.
   * If there are none: everything, and all that is essential to a system.
   */
  readonly filePrefixes: readonly string[];
};

const lockedPackage = z.strictObject({
  /** File name in the archive: name_version_architecture.deb, or one of the files of a source package. */
  file: z.string(),
  /** Below the mirror's URI, percent-encoded. */
  path: z.string(),
  sizeBytes: z.int(),
  sha256: z.string(),
});

/** One file of the archive, of an exact version. */
export type LockedPackage = z.infer<typeof lockedPackage>;

export const lockedSetSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  resolvedAt: z.iso.datetime(),
  packages: z.array(lockedPackage).min(1),
});

/** What apt-get is asked to print the URIs of. */
export function aptArguments(set: PackageSet): string[] {
  if (set.type === 'source') return ['source', ...set.packages];
  const essential = set.filePrefixes.length === 0 ? ['?essential'] : [];
  const target = ['--target-release', set.targetRelease];
  return ['install', '--yes', '--no-install-recommends', ...target, ...essential, ...set.packages];
}

/**
 * Reads what `apt-get --print-uris` prints: `'URI' file size SHA256:digits`, a line for each file.
 * @returns the files that belong to `set`, in alphabetical order, so that the same choice of versions
 *   gives the same list
 * @throws EvenkeelError if there are none, or one is not from `mirror` or without a hash
 */
export function parseUris(text: string, mirror: string, set: PackageSet): LockedPackage[] {
  const packages: LockedPackage[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith("'")) continue;
    const fields = /^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})$/.exec(line);
    const [, uri = '', file = '', size = '', sha256 = ''] = fields ?? [];
    if (fields === null || !uri.startsWith(mirror)) {
      throw new EvenkeelError(
        `apt: expected the URI, size and SHA256 of a file of ${mirror}: ${line}`,
      );
    }
    if (!belongsTo(set, file)) continue;
    packages.push({ file, path: uri.slice(mirror.length), sizeBytes: Number(size), sha256 });
  }
  if (packages.length === 0) throw new EvenkeelError(`apt: expected URIs of packages: ${text}`);
  return packages.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function belongsTo({ filePrefixes }: PackageSet, file: string): boolean {
  return filePrefixes.length === 0 || filePrefixes.some((prefix) => file.startsWith(prefix));
}

/** The packages' versions by name, as `dpkg-query` would print them. */
export function versionsOf(packages: readonly LockedPackage[]): Record<string, string> {
  return Object.fromEntries(
    packages.map(({ file }) => {
      const [name = file, version = ''] = file.split('_');
      return [name, decodeURIComponent(version)];
    }),
  );
}
