/** Small values by key: settings, the queue's hold, what calibration measured. */
import type { Database } from './database.ts';

/** What was measured of a device with so many threads on a machine, unparsed. */
export interface StoredCalibration {
  readonly machine: string;
  readonly device: string;
  readonly threads: number;
  readonly measuredAt: number;
  readonly value: unknown;
}

export class PreferenceTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The stored value, unparsed; undefined where nothing was stored. */
  get(key: string): unknown {
    const row = this.#database.get<{ value: string }>('SELECT value FROM preference WHERE key = ?', [key]);
    return row === undefined ? undefined : (JSON.parse(row.value) as unknown);
  }

  set(key: string, value: unknown): void {
    this.#database.insert('preference', { key, value: JSON.stringify(value) }, true);
  }

  /** Speeds measured on a machine, by device and number of threads. */
  calibrations(machine: string): StoredCalibration[] {
    return this.#database
      .all<{
        device: string;
        threads: number;
        measuredAt: number;
        value: string;
      }>('SELECT device, threads, measured_at, value FROM calibration WHERE machine = ? ORDER BY device, threads', [machine])
      .map((row) => ({ ...row, machine, value: JSON.parse(row.value) as unknown }));
  }

  setCalibration(calibration: StoredCalibration): void {
    this.#database.insert('calibration', { ...calibration, value: JSON.stringify(calibration.value) }, true);
  }

  /** Forgets what was measured on a machine, of one device or of all. */
  forgetCalibrations(machine: string, device?: string): void {
    if (device === undefined) this.#database.run('DELETE FROM calibration WHERE machine = ?', [machine]);
    else this.#database.run('DELETE FROM calibration WHERE machine = ? AND device = ?', [machine, device]);
  }
}
