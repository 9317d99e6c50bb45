/** Whether a machine counts as hung, decided from what each look at it has found. Looks at nothing itself. */

export interface StallLimits {
  readonly pollMs: number;
  /**
   * After so many looks at a machine that has written nothing anywhere it counts as hung. Looks and not
   * time, so that a computer that was asleep, or a job that was stopped with Ctrl-Z, is no hung machine; and
   * less the time for which the machine had to wait for a CPU of a busy computer.
   */
  readonly stallPolls: number;
  /** After so many seconds of the machine's time in which no guest has run at all it counts as hung. */
  readonly idleGuestsS: number;
}

/** What the agent says now and then while a command runs; that it says something is an output like others. */
export interface Heartbeat {
  /** The machine's time. */
  readonly uptimeS: number;
  /** CPU time that the guests have had. */
  readonly guestCpuNs: number;
}

/** What was found at a machine. */
export interface Look {
  /** All that the machine has written so far. */
  readonly writtenBytes: number;
  /** For how long the machine was ready to run, and had no CPU, since its start. */
  readonly waitedForCpuMs: number;
  /** Those that have come since the last look. */
  readonly heartbeats: readonly Heartbeat[];
}

export class StallDetector {
  readonly #limits: StallLimits;
  #writtenBytes = -1;
  #waitedBeforeMs = 0;
  #looksWithoutChange = 0;
  #lastWork: Heartbeat | undefined;

  constructor(limits: StallLimits) {
    this.#limits = limits;
  }

  /** @returns why the machine counts as hung, or undefined if it does not */
  look({ writtenBytes, waitedForCpuMs, heartbeats }: Look): string | undefined {
    return this.#idleGuests(heartbeats) ?? this.#silence(writtenBytes, waitedForCpuMs);
  }

  #silence(writtenBytes: number, waitedForCpuMs: number): string | undefined {
    const { pollMs, stallPolls } = this.#limits;
    if (writtenBytes !== this.#writtenBytes) {
      this.#writtenBytes = writtenBytes;
      this.#waitedBeforeMs = waitedForCpuMs;
      this.#looksWithoutChange = 0;
      return undefined;
    }
    this.#looksWithoutChange += 1;
    const beyondMs = (this.#looksWithoutChange - stallPolls) * pollMs;
    if (beyondMs <= Math.max(0, waitedForCpuMs - this.#waitedBeforeMs)) return undefined;
    return `nothing has moved for ${Math.round((stallPolls * pollMs) / 1000)} s`;
  }

  /** The kernel of a guest that sleeps has timers; one in which nothing runs for minutes has stopped. */
  #idleGuests(heartbeats: readonly Heartbeat[]): string | undefined {
    for (const heartbeat of heartbeats) {
      // Time of a thread that has ended is no longer counted: less is a change, too.
      if (heartbeat.guestCpuNs !== this.#lastWork?.guestCpuNs) this.#lastWork = heartbeat;
      const idleS = heartbeat.uptimeS - this.#lastWork.uptimeS;
      if (idleS > this.#limits.idleGuestsS) {
        return `no guest has run for ${Math.round(idleS)} s of the machine's time`;
      }
    }
    return undefined;
  }
}
