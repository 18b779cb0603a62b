/** How many processes this system has ended because memory ran out: a process ended that way gets no last word. */
import { readFileSync } from 'node:fs';

export type MemoryKills = () => number | undefined;

/** Since the system was started, processes of others among them; undefined where the system does not count (only Linux does). */
export const memoryKills: MemoryKills = () => {
  try {
    return killsOf(readFileSync('/proc/vmstat', 'utf8'));
  } catch {
    return undefined;
  }
};

/** oom_kill of /proc/vmstat. */
export function killsOf(vmstat: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(vmstat)?.[1];
  return count === undefined ? undefined : Number(count);
}
