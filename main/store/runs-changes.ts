/**
 * Changes of many runs at once, each with the steps that bring back exactly what was before: only runs that really changed are in them.
 * One statement for all runs, so that a thousand go and come back in one breath.
 */
import { grouped } from '#contract/grouped.ts';
import type { LaneId } from '#contract/lane.ts';
import type { RunsChange, RunsChanged, RunsStep } from '#contract/runs-table.ts';
import type { Database } from './database.ts';
import type { TrashTable } from './trash.ts';

export class RunsChanges {
  readonly #database: Database;
  readonly #trash: TrashTable;

  constructor(database: Database, trash: TrashTable) {
    this.#database = database;
    this.#trash = trash;
  }

  /** All or nothing; ids of runs that are gone are passed over. */
  apply(ids: readonly string[], change: RunsChange, at: number): RunsChanged {
    return this.#database.transaction(() => {
      const undo = this.#undoOf(ids, change, at);
      const changed = new Set(undo.flatMap((step) => step.ids));
      const isTrash = change.type === 'trash';
      const left = isTrash ? this.#trash.kept(ids) : { locked: 0, working: 0 };
      const list = [...changed];
      return {
        changed: changed.size,
        ...left,
        bytes: isTrash ? this.#trash.bytes(list) : 0,
        undo: [...undo].reverse(),
        redo: list.length === 0 ? [] : [{ ids: list, change }],
      };
    });
  }

  /** How many of these runs are still there, in the trash or not. */
  known(ids: readonly string[]): number {
    return this.#ids('TRUE', [], ids).length;
  }

  /** Does it, and says what undoes it. */
  #undoOf(ids: readonly string[], change: RunsChange, at: number): RunsStep[] {
    const step = (list: readonly string[], inverse: RunsChange): RunsStep[] =>
      list.length === 0 ? [] : [{ ids: [...list], change: inverse }];
    switch (change.type) {
      case 'star':
        return step(this.#set('starred', change.starred ? 1 : 0, 'starred <> ?', ids), { type: 'star', starred: !change.starred });
      case 'lock':
        return step(this.#set('locked', change.locked ? 1 : 0, 'locked <> ?', ids), { type: 'lock', locked: !change.locked });
      case 'archive': {
        const was = change.archived ? 'archived_at IS NULL' : 'archived_at IS NOT NULL';
        const value = change.archived ? at : null;
        return step(this.#update(`archived_at = ${value ?? 'NULL'}`, [], was, [], ids), { type: 'archive', archived: !change.archived });
      }
      case 'tag':
        return [
          ...clean(change.add).flatMap((name) => step(this.#addTag(name, ids), { type: 'tag', add: [], remove: [name] })),
          ...change.remove.flatMap((name) => step(this.#removeTag(name, ids), { type: 'tag', add: [name], remove: [] })),
        ];
      case 'note':
        return this.#note(change.note, ids);
      case 'own':
        return this.#own(change.name, change.value.trim(), ids);
      case 'pin':
        return this.#pin(change.lane, ids);
      case 'trash': {
        const able = this.#trash.movable(ids);
        this.#trash.move(able, at);
        return step(able, { type: 'restore' });
      }
      case 'restore': {
        const able = this.#ids('trashed_at IS NOT NULL', [], ids);
        this.#trash.restore(able);
        return step(able, { type: 'trash' });
      }
    }
  }

  #ids(where: string, values: readonly (string | number)[], ids: readonly string[]): string[] {
    return this.#database
      .all<{ id: string }>(`SELECT id FROM run WHERE id IN (SELECT value FROM json_each(?)) AND ${where}`, [JSON.stringify(ids), ...values])
      .map(({ id }) => id);
  }

  #set(column: string, value: number, where: string, ids: readonly string[]): string[] {
    return this.#update(`${column} = ?`, [value], where, [value], ids);
  }

  #update(set: string, setValues: readonly number[], where: string, whereValues: readonly number[], ids: readonly string[]): string[] {
    const found = this.#ids(where, whereValues, ids);
    this.#database.run(`UPDATE run SET ${set} WHERE id IN (SELECT value FROM json_each(?))`, [...setValues, JSON.stringify(found)]);
    return found;
  }

  #addTag(name: string, ids: readonly string[]): string[] {
    const found = this.#ids('NOT EXISTS (SELECT 1 FROM tag t WHERE t.run = run.number AND t.name = ?)', [name], ids);
    this.#database.run('INSERT INTO tag (run, name) SELECT number, ? FROM run WHERE id IN (SELECT value FROM json_each(?))', [
      name,
      JSON.stringify(found),
    ]);
    return found;
  }

  #removeTag(name: string, ids: readonly string[]): string[] {
    const found = this.#ids('EXISTS (SELECT 1 FROM tag t WHERE t.run = run.number AND t.name = ?)', [name], ids);
    this.#database.run('DELETE FROM tag WHERE name = ? AND run IN (SELECT number FROM run WHERE id IN (SELECT value FROM json_each(?)))', [
      name,
      JSON.stringify(found),
    ]);
    return found;
  }

  #note(note: string, ids: readonly string[]): RunsStep[] {
    const rows = this.#database.all<{ id: string; former: string }>(
      'SELECT id, note AS former FROM run WHERE id IN (SELECT value FROM json_each(?)) AND note <> ?',
      [JSON.stringify(ids), note],
    );
    this.#database.run('UPDATE run SET note = ? WHERE id IN (SELECT value FROM json_each(?))', [note, JSON.stringify(ids)]);
    return stepsByFormer(rows, (former) => ({ type: 'note', note: former }));
  }

  /** Only runs that can still start there: what is at work or ended is where it is, and each device computes where it can. */
  #pin(lane: LaneId | undefined, ids: readonly string[]): RunsStep[] {
    const able = this.#ids(
      `state IN ('queued', 'paused', 'lost') AND device IN (${devicesOf(lane)}) AND coalesce(pin, '') <> ?`,
      [lane ?? ''],
      ids,
    );
    const list = JSON.stringify(able);
    const rows = this.#database.all<{ id: string; former: string }>(
      "SELECT id, coalesce(pin, '') AS former FROM run WHERE id IN (SELECT value FROM json_each(?))",
      [list],
    );
    this.#database.run('UPDATE run SET pin = ? WHERE id IN (SELECT value FROM json_each(?))', [lane ?? null, list]);
    return stepsByFormer(rows, (former) => ({ type: 'pin', ...(former === '' ? {} : { lane: former as LaneId }) }));
  }

  #own(name: string, value: string, ids: readonly string[]): RunsStep[] {
    const rows = this.#database.all<{ id: string; number: number; former: string }>(
      "SELECT r.id, r.number, coalesce(x.text, '') AS former FROM run r LEFT JOIN own_value x ON x.run = r.number AND x.name = ? WHERE r.id IN (SELECT value FROM json_each(?)) AND coalesce(x.text, '') <> ?",
      [name, JSON.stringify(ids), value],
    );
    const numbers = JSON.stringify(rows.map((row) => row.number));
    this.#database.run('DELETE FROM own_value WHERE name = ? AND run IN (SELECT value FROM json_each(?))', [name, numbers]);
    if (value !== '')
      this.#database.run('INSERT INTO own_value (run, name, number, text) SELECT value, ?, ?, ? FROM json_each(?)', [
        name,
        Number.isFinite(Number(value)) ? Number(value) : null,
        value,
        numbers,
      ]);
    return stepsByFormer(rows, (former) => ({ type: 'own', name, value: former }));
  }
}

/** Devices that may be bound to a lane, as SQL texts (lanes.ts of the studio says the same of a run). */
const devicesOf = (lane: LaneId | undefined) =>
  lane === undefined ? "'wasm', 'cpu', 'tensorflow', 'webgpu'" : lane === 'cpu' ? "'wasm', 'cpu', 'tensorflow'" : "'tensorflow'";

const clean = (names: readonly string[]) => [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];

/** Runs that had the same before come back in one step. */
function stepsByFormer(rows: readonly { id: string; former: string }[], inverse: (former: string) => RunsChange): RunsStep[] {
  const groups = grouped(rows, ({ former }) => former);
  return [...groups].map(([former, same]) => ({ ids: same.map(({ id }) => id), change: inverse(former) }));
}
