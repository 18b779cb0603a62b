/** Small values by key: settings, the queue's hold, what calibration measured. */
import type { Database } from './database.ts';

export interface Calibration {
  readonly device: string;
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

  calibration(device: string): Calibration | undefined {
    const row = this.#database.get<{ measuredAt: number; value: string }>('SELECT measured_at, value FROM calibration WHERE device = ?', [
      device,
    ]);
    return row === undefined ? undefined : { device, measuredAt: row.measuredAt, value: JSON.parse(row.value) as unknown };
  }

  setCalibration(calibration: Calibration): void {
    this.#database.insert('calibration', { ...calibration, value: JSON.stringify(calibration.value) }, true);
  }
}
