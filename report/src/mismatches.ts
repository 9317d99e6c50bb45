import type { AppliedSetting } from '../../src/host/settings/applied.ts';

export function isMismatch({ wanted, actual }: AppliedSetting): boolean {
  return wanted !== actual;
}

export function mismatches(settings: readonly AppliedSetting[]): AppliedSetting[] {
  return settings.filter(isMismatch);
}
