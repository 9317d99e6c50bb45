/**
 * What to put before a command, which needs root, to give it its own mounts, processes and (no) network:
 * whatever it mounts or starts is gone when it ends or is killed, and what it builds cannot depend on
 * the network.
 */
export const inNamespaces = [
  'unshare',
  '--mount',
  '--pid',
  '--net',
  '--fork',
  '--kill-child',
  '--mount-proc',
] as const;
