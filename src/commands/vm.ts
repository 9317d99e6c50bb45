import { Command, Option } from 'commander';
import { keepAttached } from '../host/keep-attached.js';
import { LocalHost } from '../host/local-host.js';
import {
  type AttachedVm,
  type Attachment,
  attachedVms,
  attachVm,
  detachVm,
  isOutsourcingLoaded,
  type Notification,
  notifications,
  outsourcingModule,
} from '../host/outsourcing.js';
import { findVm, type RunningVm, runningVms } from '../host/vms.js';
import { EvenkeelError } from '../process/errors.js';
import { formatJson } from '../process/json.js';
import { positiveNumber } from './arguments.js';
import { startSession } from './session.js';

const vmArgument = 'name of the VM, as QEMU or libvirt knows it, or its process id';

export function vmCommand(): Command {
  return new Command('vm')
    .summary('let this host perform the sockets of running VMs')
    .addCommand(listCommand())
    .addCommand(attachCommand())
    .addCommand(detachCommand())
    .addCommand(statusCommand());
}

function listCommand(): Command {
  return new Command('list')
    .summary('list the VMs that run here')
    .description('Lists the VMs that run on this host, and whether each is attached.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExamples:\n  evenkeel vm list\n  evenkeel vm list --json')
    .action(async ({ json = false }: { json?: boolean }) => {
      const host = new LocalHost();
      const attached = (await isOutsourcingLoaded(host)) ? await attachedVms(host) : [];
      const vms = (await runningVms(host)).map((vm) => ({
        ...vm,
        state: attached.find(({ pid }) => pid === vm.pid)?.state ?? 'not attached',
      }));
      if (json) return printJson('evenkeel.vms/1', vms);
      printColumns(
        ['pid', 'state', 'name'],
        vms.map(({ pid, state, name = '-' }) => [`${pid}`, state, name]),
      );
    });
}

interface AttachFlags {
  readonly netns?: string;
  readonly maxSockets: number;
  readonly notify: Notification;
  readonly initialNetns?: boolean;
  readonly sharedNetns?: boolean;
  readonly keep?: boolean;
}

function attachCommand(): Command {
  return new Command('attach')
    .summary('let a VM have its sockets on this host')
    .description(
      'Attaches a running VM. Its guest can then load the module ek_guest, and from then on the sockets of the ' +
        "guest's programs are sockets of this host, in a network namespace. Without ek_guest nothing changes.",
    )
    .argument('<vm>', vmArgument)
    .option(
      '--netns <name>',
      'network namespace of the sockets: a name (ip-netns(8)) or a path; by default that of this command',
    )
    .option('--initial-netns', "the namespace may be the host's own")
    .option('--shared-netns', 'the namespace may be that of other attached VMs')
    .option(
      '--max-sockets <n>',
      'sockets that the VM may have at the same time',
      positiveNumber,
      4096,
    )
    .addOption(
      new Option(
        '--notify <how>',
        'how the guest learns of events: its idle process takes them, or each event interrupts the guest',
      )
        .choices(notifications)
        .default('idle'),
    )
    .option(
      '--keep',
      'keep running until interrupted, and attach the VM each time it starts; it need not run yet',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  evenkeel vm attach proxy --netns proxy --max-sockets 10000\n  evenkeel vm attach proxy --netns proxy --keep',
    )
    .action(async (wanted: string, flags: AttachFlags) => {
      const host = new LocalHost();
      const { netns, maxSockets, notify, initialNetns = false, sharedNetns = false } = flags;
      const attachment = {
        ...{ maxSockets, notification: notify, initialNetns, sharedNetns },
        ...(netns === undefined ? {} : { netns: namespacePath(netns) }),
      };
      if (flags.keep) return keep(host, wanted, attachment);
      const { pid } = await findVm(host, wanted);
      await host.loadModule(outsourcingModule);
      await attachVm(host, { ...attachment, pid });
    });
}

async function keep(
  host: LocalHost,
  name: string,
  attachment: Omit<Attachment, 'pid'>,
): Promise<void> {
  if (/^\d+$/.test(name)) {
    throw new EvenkeelError(`--keep: expected the name of a VM, not a process id: ${name}`);
  }
  const { progress, signal } = startSession();
  await host.loadModule(outsourcingModule);
  await keepAttached(host, name, attachment, signal, (pid) =>
    progress.note(`attached ${name} (process ${pid})`),
  );
}

function detachCommand(): Command {
  return new Command('detach')
    .summary("close a VM's sockets on this host, and allow no new ones")
    .description(
      'Detaches a VM: closes its sockets on this host, whose users in the guest get ENETDOWN, and allows no new ones.',
    )
    .argument('<vm>', vmArgument)
    .addHelpText('after', '\nExample:\n  evenkeel vm detach proxy')
    .action(async (wanted: string) => {
      const host = new LocalHost();
      await detachVm(host, (await findVm(host, wanted)).pid);
    });
}

function statusCommand(): Command {
  return new Command('status')
    .summary('show the sockets, calls and messages of attached VMs')
    .description(
      'Shows a line of counters for each attached VM; they count from the moment it was attached.',
    )
    .option('--json', 'print it as JSON; counters are strings')
    .addHelpText('after', '\nExamples:\n  evenkeel vm status\n  evenkeel vm status --json')
    .action(async ({ json = false }: { json?: boolean }) => {
      const host = new LocalHost();
      const vms = nameEach(await attachedVms(host), await runningVms(host));
      if (json) return printJson('evenkeel.vm-status/1', vms);
      printColumns(
        ['pid', 'name', 'state', 'notify', 'sockets', 'calls', 'errors', 'refused'].concat([
          'messages sent',
          'received',
          'with their event',
          'bytes sent',
          'received',
          'events',
          'wakes',
          'throttled',
        ]),
        vms.map((vm) =>
          [
            ...[vm.pid, vm.name ?? '-', vm.state, vm.notification],
            ...[`${vm.sockets}/${vm.maxSockets}`, vm.calls, vm.errors, vm.refused],
            ...[
              vm.sent,
              vm.received,
              vm.withEvent,
              vm.bytesSent,
              vm.bytesReceived,
              vm.events,
              vm.wakes,
              vm.throttled,
            ],
          ].map(String),
        ),
      );
    });
}

function nameEach(
  attached: readonly AttachedVm[],
  running: readonly RunningVm[],
): (AttachedVm & { name: string | undefined })[] {
  return attached.map((vm) => ({ ...vm, name: running.find(({ pid }) => pid === vm.pid)?.name }));
}

/** As ip(8) finds a namespace by its name. */
function namespacePath(netns: string): string {
  return netns.includes('/') ? netns : `/run/netns/${netns}`;
}

function printJson(schema: string, vms: readonly unknown[]): void {
  process.stdout.write(formatJson({ schema, vms }));
}

function printColumns(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [head, ...rows]) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}
