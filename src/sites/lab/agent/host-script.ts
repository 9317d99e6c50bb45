import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { heavyLinks, rtLink, type TestbedSize } from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';
import { artifactNames } from '../../../run-folder/names.js';
import { type BackgroundProgram, longestTimeoutMs, start } from './commands.js';

const scriptFile = '/run/host-script';
const readyMs = 120_000;
const readyPollMs = 50;
/** After SIGTERM it may still have to save what it has recorded. */
export const hostScriptEndMs = 600_000;

/**
 * Starts a program of the user on the host, beside the load, on the CPU that is not the host's, and
 * waits until it has printed a line. Its output becomes an artifact, and so does what it leaves in its
 * working directory.
 * @param text the program; its first line names its interpreter
 */
export async function startHostScript(
  text: string,
  size: TestbedSize,
  artifactsFolder: string,
): Promise<BackgroundProgram> {
  await writeFile(scriptFile, text, { mode: 0o755 });
  const variables = {
    RT_NIC: rtLink(size).hostNic,
    HEAVY_NICS: heavyLinks(size)
      .map(({ hostNic }) => hostNic)
      .join(' '),
    HOST_CPUS: `${size.hostCpus}`,
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const script = await start(
    ['env', `--chdir=${artifactsFolder}`, ...assignments, scriptFile],
    `${artifactsFolder}/${artifactNames.hostScriptLog}`,
  );
  const deadline = Date.now() + readyMs;
  while (!(await readFile(script.logFile, 'utf8')).includes('\n')) {
    if (script.status() !== undefined) break;
    if (Date.now() > deadline) {
      throw new EvenkeelError(
        `the host script printed nothing for ${readyMs / 1000} s; the load begins when it has printed a line`,
      );
    }
    await delay(readyPollMs);
  }
  return script;
}

/**
 * Waits for `work`, but not for the rest of it if the program fails meanwhile.
 * @throws EvenkeelError with the last line of the program's output if it fails
 */
export async function whileHostScriptWorks<T>(
  script: BackgroundProgram | undefined,
  work: Promise<T>,
): Promise<T> {
  if (script === undefined) return work;
  return Promise.race([work, requireSuccess(script, longestTimeoutMs).then(() => work)]);
}

/**
 * Tells the program that the load has ended, unless it has ended itself, and waits for its end.
 * @throws EvenkeelError with the last line of its output if it fails
 */
export async function endHostScript(script: BackgroundProgram): Promise<void> {
  if (script.status() === undefined) script.signal('SIGTERM');
  await requireSuccess(script, hostScriptEndMs);
}

async function requireSuccess(script: BackgroundProgram, timeoutMs: number): Promise<void> {
  const status = await script.ended(timeoutMs);
  if (status === 0) return;
  const lastLine = (await readFile(script.logFile, 'utf8')).trimEnd().split('\n').at(-1);
  throw new EvenkeelError(`the host script ended with status ${status}: ${lastLine}`, {
    hints: [`What it printed is in ${script.logFile}.`],
    fields: { exitStatus: status, logFile: script.logFile },
  });
}
