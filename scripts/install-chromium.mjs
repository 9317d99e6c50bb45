// Installs Debian's Chromium where it is missing: a test opens the report in it.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrivilege, privilegeMissing } from '../dist/sites/lab/debian/privilege.js';
import { installPackages, missingPackages } from '../dist/sites/lab/debian/system-packages.js';

const { signal } = new AbortController();

try {
  const missing = await missingPackages(['chromium'], signal);
  if (missing.length > 0) {
    const privilege = await findPrivilege(signal);
    if (privilege === undefined) throw privilegeMissing('installing what the tests need', missing);
    console.error(`evenkeel: installing ${missing.join(', ')}`);
    await installPackages(missing, { privilege, logFile: join(tmpdir(), 'evenkeel-chromium.log') });
  }
} catch (error) {
  console.error(`evenkeel: ${error.message}`);
  for (const hint of error.hints ?? []) console.error(`  ${hint}`);
  process.exit(2);
}
