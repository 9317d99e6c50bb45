import type { AppliedSetting } from '../../src/results/schema.ts';

export function isMismatch({ wanted, actual }: AppliedSetting): boolean {
  return wanted !== actual;
}

export function mismatches(settings: readonly AppliedSetting[]): AppliedSetting[] {
  return settings.filter(isMismatch);
}
