import { InterruptedError } from '../src/process/errors.js';

/** Work that lasts until it is stopped, and then takes a moment to clean up. */
export function untilStopped(signal: AbortSignal, onEnd: () => void): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () =>
      setTimeout(() => {
        onEnd();
        reject(new InterruptedError());
      }, 5),
    );
  });
}
