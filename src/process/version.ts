import { readFileSync } from 'node:fs';

const packageFile = new URL('../../package.json', import.meta.url);

/** Version of this package, from its package.json. */
export const evenkeelVersion: string = JSON.parse(readFileSync(packageFile, 'utf8')).version;
