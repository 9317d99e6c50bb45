/** The Debian packages of the programs that are called on this machine. */
export const packageOfProgram: Readonly<Record<string, string>> = {
  'apt-config': 'apt',
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  'dpkg-query': 'dpkg',
  du: 'coreutils',
  env: 'coreutils',
  flock: 'util-linux',
  mmdebstrap: 'mmdebstrap',
  mount: 'mount',
  setpriv: 'util-linux',
  setsid: 'util-linux',
  sh: 'dash',
  tar: 'tar',
  unshare: 'util-linux',
  xz: 'xz-utils',
  zstd: 'zstd',
};

/** What to do about a program that is not to be found. */
export function missingProgramHint(program: string): string {
  const name = packageOfProgram[program];
  return name === undefined
    ? `${program} is not on the PATH.`
    : `${program} is not on the PATH: apt-get install ${name}`;
}
