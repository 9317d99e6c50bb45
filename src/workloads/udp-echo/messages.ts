/**
 * The messages of the workload, for all that look at them: the C programs here get these numbers from the
 * compiler's command line (`macros`), ek_probe from the commands of its points.
 */

/** UDP port of the Critical RT server. */
export const port = 7000;

/** First four bytes of a request and of its response: 'EKRQ'. */
export const magic = 0x454b_5251;

/** Where the number of a request stands, 32 bits in network order. */
export const sequenceOffset = 4;

/** Requests with this number warm caches and ARP tables up; they are not measured. */
export const warmUpSequence = 0xffff_ffff;

/** Macros of the C programs. */
export const macros = {
  RT_PORT: port,
  REQUEST_MAGIC: magic,
  WARM_UP_SEQUENCE: `${warmUpSequence}u`,
} as const;
