import type { Target } from './applied.js';

/** A target in words for people, e.g. `RT vCPU: thread 101 (CPU 0/KVM)`. */
export function describeTarget(target: Target): string {
  switch (target.type) {
    case 'thread':
      return `${target.class}: thread ${target.tid} (${target.comm})`;
    case 'interrupt':
      return `interrupt ${target.number}`;
    case 'file':
      return target.path;
    case 'vm':
      return `VM ${target.name === undefined ? target.pid : `${target.name} (${target.pid})`}`;
    case 'nic':
      return `NIC ${target.name}`;
    case 'kernel-module':
      return `kernel module ${target.name}`;
    case 'text':
      return target.text;
  }
}
