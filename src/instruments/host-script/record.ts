import { setTimeout as delay } from 'node:timers/promises';
import type { HostAccess } from '../../host/access.js';
import {
  type BackgroundProgram,
  longestWaitMs,
  stoppedOnFailure,
} from '../../host/background-program.js';
import { heavyLinks, rtLink, type TestbedSize } from '../../plan/topology.js';
import { EvenkeelError } from '../../process/errors.js';
import type { Recorder, Recording, RecordingSite } from '../recorder.js';
import { type HostScriptOptions, hostScriptOptionsSchema, scriptLogFile } from './artifacts.js';

const scriptFile = '/run/host-script';
const readyMs = 120_000;
const readyPollMs = 50;
/** After SIGTERM it may still have to save what it has recorded. */
const endMs = 600_000;

/**
 * Runs a program of the user on the host, beside the load, on the CPU that is not the host's. The load begins
 * when it has printed a line. SIGTERM tells it that the load has ended.
 */
export const hostScriptRecorder: Recorder<HostScriptOptions> = {
  name: 'host-script',
  options: hostScriptOptionsSchema,
  prepare: async (site, { text }) => ({ start: () => record(site, text) }),
};

async function record(site: RecordingSite, text: string): Promise<Recording> {
  const script = await startScript(site, text);
  await stoppedOnFailure([script], () => untilReady(site.host, script));
  const success = requireSuccess(site.host, script, longestWaitMs);
  const failure = success.then(() => new Promise<never>(() => undefined));
  // Whoever waits for the load looks at it; a script may also fail before that.
  failure.catch(() => undefined);
  return {
    failure,
    stop: async () => {
      if (script.status() === undefined) script.signal('SIGTERM');
      await requireSuccess(site.host, script, endMs);
    },
  };
}

async function startScript(
  { host, size, artifactsFolder }: RecordingSite,
  text: string,
): Promise<BackgroundProgram> {
  await host.createFile(scriptFile, text, 0o755);
  return host.start(['env', `--chdir=${artifactsFolder}`, ...variablesOf(size), scriptFile], {
    outputFile: `${artifactsFolder}/${scriptLogFile}`,
  });
}

function variablesOf(size: TestbedSize): string[] {
  const heavyNics = heavyLinks(size).map(({ hostNic }) => hostNic);
  return [
    `RT_NIC=${rtLink(size).hostNic}`,
    `HEAVY_NICS=${heavyNics.join(' ')}`,
    `HOST_CPUS=${size.hostCpus}`,
  ];
}

async function untilReady(host: HostAccess, script: BackgroundProgram): Promise<void> {
  const deadline = Date.now() + readyMs;
  while (!(await host.readFile(script.logFile)).includes('\n')) {
    if (script.status() !== undefined) return;
    if (Date.now() > deadline) {
      throw new EvenkeelError(
        `the host script printed nothing for ${readyMs / 1000} s; the load begins when it has printed a line`,
      );
    }
    await delay(readyPollMs);
  }
}

/** @throws EvenkeelError with the last line of the program's output if it fails */
async function requireSuccess(
  host: HostAccess,
  script: BackgroundProgram,
  timeoutMs: number,
): Promise<void> {
  const status = await script.ended(timeoutMs);
  if (status === 0) return;
  const lastLine = (await host.readFile(script.logFile)).trimEnd().split('\n').at(-1);
  throw new EvenkeelError(`the host script ended with status ${status}: ${lastLine}`);
}
