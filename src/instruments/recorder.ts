import type { z } from 'zod';
import type { HostAccess } from '../host/access.js';
import type { HostLayout } from '../host/layout.js';
import type { TestbedSize } from '../plan/topology.js';

/** Where an instrument records: a host that runs the testbed. */
export interface RecordingSite {
  readonly host: HostAccess;
  readonly layout: HostLayout;
  readonly size: TestbedSize;
  /** Folder on the host; what is in it when the run ends is the run's artifacts. */
  readonly artifactsFolder: string;
}

/** A recording that can begin at once. */
export interface PreparedRecording {
  /** Called when bulk traffic runs at its speed, before the first request. */
  start(): Promise<Recording>;
}

/** A recording that is under way. */
export interface Recording {
  /** Rejects if the instrument fails meanwhile: the rest of the run is then of no use. */
  readonly failure?: Promise<never>;
  /** Ends the recording; called when the last request was answered, with bulk traffic still running. */
  stop(): Promise<void>;
  /** Leaves what was recorded in the artifacts' folder; called when the load has ended. */
  save?(): Promise<void>;
}

/** What RT VM 0 is started with for an instrument that records in it. */
export interface RtGuestExtras {
  /** Serial ports beyond its console, as QEMU's -serial takes them. */
  readonly serialPorts: readonly string[];
  readonly kernelArguments: readonly string[];
}

/** The part of an instrument that works on the site, while a run takes place. */
export interface Recorder<Options> {
  readonly name: string;
  readonly options: z.ZodType<Options>;
  readonly rtGuest?: RtGuestExtras;
  /** Called before there is any load: what takes long is done here. */
  prepare(site: RecordingSite, options: Options): Promise<PreparedRecording>;
}
