import { appendFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import type { HostAccess } from '../../../host/access.js';
import { requireStillRunning } from '../../../host/background-program.js';
import { LocalHost } from '../../../host/local-host.js';
import {
  type AgentEvent,
  type AgentJob,
  agentFiles,
  agentPorts,
  artifactsDevice,
  jobFile,
  type MeasureWork,
} from '../../../plan/job.js';
import { cpusOf, rtLink } from '../../../plan/topology.js';
import { artifactNames } from '../../../run-folder/names.js';
import { runGuestCommand } from './guest-command.js';
import { requireRunning } from './guests.js';
import { artifactsFolder, measure } from './measure.js';
import { probedGuest } from './probes.js';
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
  const { outside } = cpusOf(job.size);
  await host.run(['taskset', '--all-tasks', '--cpu-list', '--pid', `${outside}`, `${process.pid}`]);
  switch (job.work.kind) {
    case 'measure':
      await runMeasurement(host, job, job.work);
      break;
    case 'command':
      tell({ event: 'exit', status: await runGuestCommand(host, job, job.work, step) });
      break;
    case 'shell':
      tell({
        event: 'exit',
        status: await runShell(host, job, job.work, step, () => tell({ event: 'shell' })),
      });
      break;
  }
}

async function runMeasurement(host: HostAccess, job: AgentJob, work: MeasureWork): Promise<void> {
  const [rtPort] = rtLink(job.size).guests;
  const probed = work.probes !== undefined && rtPort !== undefined;
  const substitutes = new Map(probed ? [[rtPort.name, probedGuest]] : []);
  await withTestbed(host, job, step, substitutes, async (testbed) => {
    const { layout, guests, rtServers, settings } = testbed;
    step('measuring');
    const window = await measure(host, layout, job.size, work).finally(() => {
      // Their requests would only count as lost.
      const when = 'during the measurement';
      for (const guest of guests) requireRunning(guest, when);
      for (const { name, program } of rtServers) {
        requireStillRunning(`the RT server ${name}`, program, when);
      }
    });
    await writeFile(`${artifactsFolder}/agent.json`, `${JSON.stringify({ window, settings })}\n`);
  });
}

async function readJob(host: HostAccess): Promise<AgentJob> {
  return JSON.parse(await host.readFile(`/sys/firmware/qemu_fw_cfg/by_name/${jobFile}/raw`));
}

function tell(event: AgentEvent): void {
  appendFileSync(agentPorts.events, `${JSON.stringify(event)}\n`);
}

function step(name: string): void {
  tell({ event: 'step', step: name, uptimeS: Math.round(uptime()) });
}

async function saveArtifacts(host: HostAccess): Promise<void> {
  await writeFile(`${artifactsFolder}/${artifactNames.kernelLog}`, await host.run(['dmesg']));
  const archive = ['tar', '--create', '--file', artifactsDevice];
  await host.run([...archive, '--directory', artifactsFolder, '.']);
  await host.run(['sync']);
}

// There settings find the program that sets what no program of Debian's can (host/napi.ts).
const host = new LocalHost(agentFiles.workloads);
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
  tell({ event: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
