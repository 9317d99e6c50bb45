import { open, stat } from 'node:fs/promises';

const chunkBytes = 64 * 1024;

/** Passes on what is appended to a file, from its beginning. */
export class FileTail {
  readonly #path: string;
  readonly #write: (bytes: Uint8Array) => void;
  #position = 0;

  constructor(path: string, write: (bytes: Uint8Array) => void) {
    this.#path = path;
    this.#write = write;
  }

  /** Whether something has come since the last call of `pump`. */
  async hasMore(): Promise<boolean> {
    const size = await stat(this.#path).then(
      (facts) => facts.size,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return 0;
        throw error;
      },
    );
    return size > this.#position;
  }

  /** Passes on what has come since the last call; nothing if the file does not exist yet. */
  async pump(): Promise<void> {
    const file = await open(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (file === undefined) return;
    try {
      for (;;) {
        const chunk = Buffer.alloc(chunkBytes);
        const { bytesRead } = await file.read(chunk, 0, chunkBytes, this.#position);
        if (bytesRead === 0) return;
        this.#position += bytesRead;
        this.#write(chunk.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  }
}
