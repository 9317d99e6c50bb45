import { appendFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { LocalHost } from '../host/local-host.js';
import { applyMethod } from '../methods/apply.js';
import { cpusOf, heavyLinks, rtLink } from '../testbed/topology.js';
import { call } from './commands.js';
import { type Guest, hostLayout, startGuest, waitUntilReady } from './guests.js';
import {
  type AgentEvent,
  type AgentJob,
  agentPorts,
  artifactsDevice,
  jobFile,
  type MeasureWork,
} from './job.js';
import { artifactsFolder, measure } from './measure.js';
import { setUpNetwork } from './network.js';

/**
 * The agent: the first program of the emulated host's Debian tree. It builds the testbed around itself,
 * does the job that the lab gave it, leaves the artifacts in memory that the lab can read, and ends;
 * the machine then stops. Its progress goes to a serial port.
 */
async function main(): Promise<void> {
  await call('stty', '-F', agentPorts.events, 'raw', '-echo');
  await mkdir(artifactsFolder, { recursive: true });
  const job = await readJob();
  if (job.work.kind !== 'measure') throw new Error('not yet');
  await runMeasurement(job, job.work);
}

async function runMeasurement(job: AgentJob, work: MeasureWork): Promise<void> {
  const host = new LocalHost();
  const cpus = cpusOf(job.size);
  const rt = rtLink(job.size);

  step('network');
  await setUpNetwork(host, job.size);

  step('starting the guests');
  const guests: Guest[] = [];
  const common = { memoryMiB: job.guestMemoryMiB, hostCpus: cpus.host, method: job.method };
  for (const port of rt.guests) {
    guests.push(await startGuest({ ...common, role: 'rt-server', port, link: rt }));
  }
  for (const link of heavyLinks(job.size)) {
    for (const port of link.guests) {
      guests.push(await startGuest({ ...common, role: 'heavy-receiver', port, link }));
    }
  }
  await waitUntilReady(guests);

  step(`applying ${job.method.id}`);
  const layout = hostLayout(cpus.host, rt.hostNic, guests);
  const settings = await applyMethod(host, layout, job.method);

  step('measuring');
  const window = await measure(host, layout, job.size, work);
  await writeFile(`${artifactsFolder}/agent.json`, `${JSON.stringify({ window, settings })}\n`);
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

try {
  await main();
  step('saving the artifacts');
  await call('tar', '--create', '--file', artifactsDevice, '--directory', artifactsFolder, '.');
  await call('sync');
  tell({ event: 'done' });
  // The VMs are still running; they end with the machine.
  process.exit(0);
} catch (error) {
  tell({ event: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
