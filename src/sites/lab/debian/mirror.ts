import { runCommand } from '../../../process/command.js';
import { EvenkeelError } from '../../../process/errors.js';

const aptTimeoutMs = 20_000;

/**
 * The Debian mirror that this machine's apt uses.
 * @returns its URI, ending in a slash
 * @throws EvenkeelError if apt is set up for none
 */
export async function findMirror(signal: AbortSignal): Promise<string> {
  const format = ['$(REPO_URI)', '$(CODENAME)', '$(ORIGIN)'].join('\t');
  const targets = await runCommand(
    ['apt-get', 'indextargets', '--format', format, 'Created-By: Packages'],
    { signal, timeoutMs: aptTimeoutMs },
  );
  const mirror = parseMirror(targets);
  if (mirror === undefined) {
    throw new EvenkeelError('apt on this machine knows no mirror of the Debian archive', {
      hints: [
        'Run `apt-get update` as root: apt learns from it whose archive a source is.',
        'The lab needs Debian 12 or later, with a source of the Debian archive in /etc/apt.',
      ],
    });
  }
  return mirror;
}

/**
 * The first mirror of the whole Debian archive.
 * @param targets lines of repository URI, codename and origin, separated by tabs. The origin is
 *   empty if apt has not fetched the repository's lists yet.
 */
export function parseMirror(targets: string): string | undefined {
  for (const line of targets.split('\n')) {
    const [uri = '', codename = '', origin = ''] = line.split('\t');
    // The security archive has no more than the fixed packages, a disc no more than its own.
    if (origin !== 'Debian' || codename.endsWith('-security') || uri.startsWith('cdrom:')) continue;
    return uri.endsWith('/') ? uri : `${uri}/`;
  }
  return undefined;
}
