import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, runCommand } from '../../../process/command.js';
import { findMirror } from './mirror.js';
import { backports, oldRelease, release } from './package-set.js';

export interface AptOptions {
  readonly signal: AbortSignal;
  /** Where apt's output is appended. */
  readonly logFile?: string;
}

/** The suites of the archive whose packages an apt can choose from. */
export interface AptSources {
  readonly binary: readonly string[];
  readonly source: readonly string[];
}

/** Those of the lab's release. */
export const releaseSources: AptSources = {
  binary: [release, `${release}-updates`, backports],
  source: [release],
};

/**
 * Those of the release before. They are kept apart, so that no part of the lab gets a package of it by
 * accident, and that a mirror which has it no more is only missed by those who want it.
 */
export const oldReleaseSources: AptSources = { binary: [oldRelease], source: [] };

/** The archive's own signatures; the package debian-archive-keyring has them. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const configurationTimeoutMs = 20_000;
const reachTimeoutMs = 60_000;
const updateTimeoutMs = 5 * 60_000;
const resolveTimeoutMs = 2 * 60_000;
const downloadTimeoutMs = 30 * 60_000;

/**
 * apt with lists, settings and an empty package database of its own, in a private folder: it says what
 * a fresh system of a Debian release would get, on a machine of another release, without root.
 * From the machine's apt it takes the mirror and how to reach it.
 */
export class PrivateApt {
  readonly mirror: string;
  readonly #configuration: string;
  readonly #options: AptOptions;
  #updated: Promise<unknown> | undefined;

  private constructor(mirror: string, configuration: string, options: AptOptions) {
    this.mirror = mirror;
    this.#configuration = configuration;
    this.#options = options;
  }

  /** @param sources the releases that it knows */
  static async create(
    directory: string,
    sources: AptSources,
    options: AptOptions,
  ): Promise<PrivateApt> {
    const mirror = await findMirror(options.signal);
    const dump = await runCommand(['apt-config', 'dump'], {
      signal: options.signal,
      timeoutMs: configurationTimeoutMs,
    });
    const folders = [
      'etc/apt/apt.conf.d',
      'etc/apt/preferences.d',
      'var/lib/apt/lists/partial',
      'var/cache/apt/archives/partial',
    ];
    for (const folder of folders) await mkdir(join(directory, folder), { recursive: true });
    const configuration = join(directory, 'apt.conf');
    await writeFile(configuration, aptConfiguration(directory, dump));
    await writeFile(join(directory, 'etc/apt/sources.list'), sourcesList(mirror, sources));
    return new PrivateApt(mirror, configuration, options);
  }

  /** Fetches the lists of packages, once. */
  async update(): Promise<void> {
    this.#updated ??= this.#run(['apt-get', '--quiet', 'update'], updateTimeoutMs);
    await this.#updated;
  }

  /** Fetches one small file of the archive to `target`: fails unless the mirror can be reached. */
  async reach(target: string): Promise<void> {
    const uri = `${this.mirror}dists/${release}/InRelease`;
    await this.#run(['/usr/lib/apt/apt-helper', 'download-file', uri, target], reachTimeoutMs);
  }

  /** Runs apt-get with these arguments as far as choosing files; returns the lines that name them. */
  async printUris(words: readonly string[]): Promise<string> {
    return this.#run(['apt-get', '--quiet', '--print-uris', ...words], resolveTimeoutMs);
  }

  /**
   * Fetches files of the archive; fails unless each has its hash.
   * @param files `path` is below the mirror's URI, `target` a file in a folder that exists
   */
  async download(
    files: readonly { path: string; sha256: string; target: string }[],
  ): Promise<void> {
    const triples = files.flatMap(({ path, sha256, target }) => [
      this.mirror + path,
      target,
      `SHA256:${sha256}`,
    ]);
    await this.#run(['/usr/lib/apt/apt-helper', 'download-file', ...triples], downloadTimeoutMs);
  }

  async #run(command: Command, timeoutMs: number): Promise<string> {
    const environment = { APT_CONFIG: this.#configuration };
    return runCommand(command, { ...this.#options, environment, timeoutMs });
  }
}

/**
 * @param dump what `apt-config dump` prints for the machine: its settings for fetching (proxies,
 *   certificates, retries, tolerated dates) are taken over, but not which indexes it wants
 */
export function aptConfiguration(directory: string, dump: string): string {
  const fetching = dump
    .split('\n')
    .filter((line) => /^Acquire::(?!IndexTargets|Languages|Changelogs|cdrom)/.test(line));
  return [
    ...fetching,
    'Acquire::Languages "none";',
    // --print-uris says no more than an MD5 sum by default.
    'Acquire::ForceHash "SHA256";',
    'APT::Architecture "amd64";',
    // By default an update from which nothing came is a warning.
    'APT::Update::Error-Mode "any";',
    // The user that apt fetches as by default may not enter a home folder.
    'APT::Sandbox::User "root";',
    // Not even apt itself counts as essential: what mmdebstrap installs has the same rule.
    'pkgCacheGen::ForceEssential ",";',
    `Dir "${directory}/";`,
    'Dir::State::status "/dev/null";',
    // 44 MB that would save no time: it is for a package database that changes.
    'Dir::Cache::srcpkgcache "";',
    '',
  ].join('\n');
}

/** The file that names them to apt. */
export function sourcesList(mirror: string, { binary, source }: AptSources): string {
  const options = `[signed-by=${keyring}]`;
  return [
    ...binary.map((suite) => `deb ${options} ${mirror} ${suite} main`),
    ...source.map((suite) => `deb-src ${options} ${mirror} ${suite} main`),
    '',
  ].join('\n');
}
