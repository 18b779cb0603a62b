import process from 'node:process';

/**
 * Queue and runs speak of "today", so a ring that runs over midnight would lose sight of what it has just finished. Where midnight is
 * near, browser, studio and tests get a time zone in which it is noon; else the machine keeps its own.
 */
export function keepAwayFromMidnight(now = new Date()): void {
  if (now.getHours() < 23) return;
  const ahead = 12 - now.getUTCHours();
  // POSIX names count westwards.
  process.env['TZ'] = `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
