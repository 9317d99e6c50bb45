import type { Command } from '../../process.js';

/**
 * Runs `command`, which needs root, with its own mounts, processes and (no) network: whatever it mounts
 * or starts is gone when it ends or is killed, and what it builds cannot depend on the network.
 */
export function inNamespaces(command: Command): Command {
  return [
    'unshare',
    '--mount',
    '--pid',
    '--net',
    '--fork',
    '--kill-child',
    '--mount-proc',
    ...command,
  ];
}
