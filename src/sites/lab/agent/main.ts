import { appendFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { LocalHost } from '../../../host/local-host.js';
import type { AgentEvent } from '../../../plan/agent-event.js';
import {
  type AgentJob,
  agentPorts,
  artifactsDevice,
  artifactsFolder,
  jobFile,
} from '../../../plan/job.js';
import { cpusOf, rtLink } from '../../../plan/topology.js';
import { errorToJson } from '../../../process/error-json.js';
import { artifactNames } from '../../../run-folder/names.js';
import { call, requireStillRunning } from './commands.js';
import { runGuestCommand } from './guest-command.js';
import { requireRunning } from './guests.js';
import { measure } from './measure.js';
import { probedGuest } from './probes.js';
import { runShell } from './shell.js';
import { setUpTestbed } from './testbed.js';

/**
 * The agent: the first program of the emulated host's Debian tree. It builds the testbed around itself,
 * does the job that the lab gave it, leaves the artifacts in memory that the lab can read, and ends;
 * the machine then stops. Its progress goes to a serial port.
 */
async function main(): Promise<void> {
  await call('stty', '-F', agentPorts.events, 'raw', '-echo');
  await mkdir(artifactsFolder, { recursive: true });
  const job = await readJob();
  // The agent is no part of the host that it measures.
  await call(
    'taskset',
    '--all-tasks',
    '--cpu-list',
    '--pid',
    `${cpusOf(job.size).outside}`,
    `${process.pid}`,
  );
  const host = new LocalHost();
  switch (job.work.kind) {
    case 'measure': {
      const [rtPort] = rtLink(job.size).guests;
      const probed = job.work.probes !== undefined && rtPort !== undefined;
      const { layout, guests, rtServers, settings } = await setUpTestbed(
        host,
        job,
        step,
        new Map(probed ? [[rtPort.name, probedGuest]] : []),
      );
      step('measuring');
      const window = await measure(host, layout, job.size, job.work).finally(() => {
        // Their requests would only count as lost.
        const when = 'during the measurement';
        for (const guest of guests) requireRunning(guest, when);
        for (const { name, program } of rtServers) {
          requireStillRunning(`the RT server ${name}`, program, when);
        }
      });
      await writeFile(`${artifactsFolder}/agent.json`, `${JSON.stringify({ window, settings })}\n`);
      break;
    }
    case 'command':
      tell({ event: 'exit', status: await runGuestCommand(host, job, job.work, step, tell) });
      break;
    case 'shell':
      tell({
        event: 'exit',
        status: await runShell(host, job, job.work, step, () => tell({ event: 'shell' })),
      });
      break;
  }
}

async function readJob(): Promise<AgentJob> {
  const path = `/sys/firmware/qemu_fw_cfg/by_name/${jobFile}/raw`;
  return JSON.parse(await readFile(path, 'utf8'));
}

function tell(event: AgentEvent): void {
  appendFileSync(agentPorts.events, `${JSON.stringify(event)}\n`);
}

function step(name: string): void {
  tell({ event: 'step', step: name, uptimeS: Math.round(uptime()) });
}

async function saveArtifacts(): Promise<void> {
  await writeFile(`${artifactsFolder}/${artifactNames.kernelLog}`, await call('dmesg'));
  await call('tar', '--create', '--file', artifactsDevice, '--directory', artifactsFolder, '.');
  await call('sync');
}

try {
  await main();
  step('saving the artifacts');
  await saveArtifacts();
  tell({ event: 'done' });
  // Guests may still be running; they end with the machine.
  process.exit(0);
} catch (error) {
  // The guests' consoles tell more than the error; where even this fails, the error remains.
  await saveArtifacts().catch(() => undefined);
  tell({ event: 'failed', error: errorToJson(error) });
  process.exit(1);
}
