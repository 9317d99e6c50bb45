import { appendFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { z } from 'zod';
import type { HostAccess } from '../../../host/access.js';
import { requireStillRunning } from '../../../host/background-program.js';
import { LocalHost } from '../../../host/local-host.js';
import type { RtGuestExtras } from '../../../instruments/recorder.js';
import { recordersOf } from '../../../instruments/recorders.js';
import type { AgentEvent } from '../../../plan/agent-event.js';
import {
  type AgentJob,
  agentFiles,
  agentJobSchema,
  agentPorts,
  artifactsDevice,
  artifactsFolder,
  type JobOf,
  jobFile,
  testbedOf,
} from '../../../plan/job.js';
import { cpusOf, rtLink } from '../../../plan/topology.js';
import { errorToJson } from '../../../process/error-json.js';
import { parseValidatedJson } from '../../../process/json.js';
import { siteReportSchema } from '../../../run-folder/manifest.js';
import { runFiles } from '../../../run-folder/names.js';
import { runGuestCommand } from './guest-command.js';
import { requireRunning } from './guests.js';
import { measure } from './measure.js';
import { runShell } from './shell.js';
import { withTestbed } from './testbed.js';

/**
 * The agent: the first program of the emulated host's Debian tree. It builds the testbed around itself,
 * does the job that the lab gave it, leaves the artifacts in memory that the lab can read, and ends;
 * the machine then stops. Its progress goes to a serial port.
 */
async function main(host: HostAccess): Promise<void> {
  await host.run(['stty', '-F', agentPorts.events, 'raw', '-echo']);
  await mkdir(artifactsFolder, { recursive: true });
  const job = await readJob(host);
  // The agent is no part of the host that it measures.
  const { outside } = cpusOf(testbedOf(job).conditions);
  await host.run(['taskset', '--all-tasks', '--cpu-list', '--pid', `${outside}`, `${process.pid}`]);
  switch (job.kind) {
    case 'run':
      await runSpec(host, job);
      break;
    case 'command':
      tell({ event: 'exit', status: await runGuestCommand(host, job, step, tell) });
      break;
    case 'shell':
      tell({
        event: 'exit',
        status: await runShell(host, job, step, () => tell({ event: 'shell' })),
      });
      break;
  }
}

async function runSpec(host: HostAccess, { spec }: JobOf<'run'>): Promise<void> {
  const [rtPort] = rtLink(spec.conditions).guests;
  const extras = recordersOf(spec).flatMap(({ rtGuest }) => rtGuest ?? []);
  const substitutes = new Map(rtPort === undefined ? [] : [[rtPort.name, guestWith(extras)]]);
  await withTestbed(host, spec, step, substitutes, async (testbed) => {
    const { layout, guests, rtServers, settings } = testbed;
    step('measuring');
    const site = { host, layout, size: spec.conditions, artifactsFolder };
    const window = await measure(site, spec).finally(() => {
      // Their requests would only count as lost.
      const when = 'during the measurement';
      for (const guest of guests) requireRunning(guest, when);
      for (const { name, program } of rtServers) {
        requireStillRunning(`the RT server ${name}`, program, when);
      }
    });
    const report = z.encode(siteReportSchema, { window, settings: [...settings] });
    await writeFile(`${artifactsFolder}/${runFiles.agentReport}`, `${JSON.stringify(report)}\n`);
  });
}

/** What instruments that record in a guest need there. */
function guestWith(extras: readonly RtGuestExtras[]) {
  return {
    serialPorts: extras.flatMap(({ serialPorts }) => serialPorts),
    kernelArguments: extras.flatMap(({ kernelArguments }) => kernelArguments),
  };
}

async function readJob(host: HostAccess): Promise<AgentJob> {
  const path = `/sys/firmware/qemu_fw_cfg/by_name/${jobFile}/raw`;
  return parseValidatedJson('the job', await host.readFile(path), agentJobSchema);
}

function tell(event: AgentEvent): void {
  appendFileSync(agentPorts.events, `${JSON.stringify(event)}\n`);
}

function step(name: string): void {
  tell({ event: 'step', step: name, uptimeS: Math.round(uptime()) });
}

async function saveArtifacts(host: HostAccess): Promise<void> {
  await writeFile(`${artifactsFolder}/${runFiles.kernelLog}`, await host.run(['dmesg']));
  const archive = ['tar', '--create', '--file', artifactsDevice];
  await host.run([...archive, '--directory', artifactsFolder, '.']);
  await host.run(['sync']);
}

// There settings find the program that sets what no program of Debian's can (host/napi.ts).
const host = new LocalHost(agentFiles.programs);
try {
  await main(host);
  step('saving the artifacts');
  await saveArtifacts(host);
  tell({ event: 'done' });
  // Guests may still be running; they end with the machine.
  process.exit(0);
} catch (error) {
  // The guests' consoles tell more than the error; where even this fails, the error remains.
  await saveArtifacts(host).catch(() => undefined);
  tell({ event: 'failed', error: errorToJson(error) });
  process.exit(1);
}
