import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Holder, Ports } from '../../functions/ports.ts';

/** This process as the holder of a lease. The start time tells it from a later process that got the same number. */
export function thisProcess(): Ports['process'] {
  const self: Holder = { host: hostname(), pid: process.pid, born: bornOf(process.pid) ?? 'unknown' };
  return {
    ...self,
    isGone({ host, pid, born }) {
      if (host !== self.host) return false;
      if (!isRunning(pid)) return true;
      const now = bornOf(pid);
      return now !== undefined && born !== 'unknown' && now !== born;
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Boot and start time of a process; undefined except on Linux. */
function bornOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}
