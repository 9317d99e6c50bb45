import { uptime } from 'node:os';
import type { HostAccess } from '../../../host/access.js';
import { listIfAlive, numeric } from '../../../host/proc.js';
import { threadRunNs } from '../../../host/threads.js';
import type { AgentEvent } from '../../../plan/agent-event.js';
import type { Guest } from './guests.js';

/**
 * Of the machine's time; the lab wants to hear of a machine within 300 s of its own. In a measurement there is
 * none: reading /proc takes CPU time.
 */
const periodMs = 5_000;

/**
 * Tells the lab now and then that the host works, and how much CPU time its guests have had: a command may be
 * silent for hours.
 * @returns what ends that
 */
export function startHeartbeat(
  host: HostAccess,
  guests: readonly Guest[],
  tell: (event: AgentEvent) => void,
): () => void {
  const beat = async () => {
    const guestCpuNs = Number(await cpuNsOf(host, guests));
    tell({ event: 'heartbeat', uptimeS: uptime(), guestCpuNs });
  };
  // Without heartbeats, the lab goes by what else the machine writes.
  const timer = setInterval(() => void beat().catch(() => undefined), periodMs);
  return () => clearInterval(timer);
}

/** As the scheduler counts it, exactly. The ticks of /proc/stat miss a guest that only serves its timers. */
async function cpuNsOf(host: HostAccess, guests: readonly Guest[]): Promise<bigint> {
  let sum = 0n;
  for (const { program } of guests) {
    const { pid } = program;
    for (const tid of numeric(await listIfAlive(host, `/proc/${pid}/task`))) {
      sum += (await threadRunNs(host, { pid, tid })) ?? 0n;
    }
  }
  return sum;
}
