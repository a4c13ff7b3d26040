import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';

/** Lists who may read health data without a second factor that AWS could check. */
export function checkReaders({ phiReaders = [] }: DoctorOptions): readonly DoctorCheck[] {
  const check = 'readers of health data';
  const without = phiReaders.filter(({ mfa }) => !mfa).map(({ arn }) => arn);
  if (without.length === 0) return [{ check, ok: true }];
  const remedy = `these assume the role without a second factor that AWS checks (readers.phi, mfa: false): ${without.join(', ')}; ask for one where they sign in`;
  return [{ check, ok: true, remedy }];
}
