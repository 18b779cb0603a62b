/** Procedures of the runs table beyond its pages: cells in sight, fields, changes of many runs, trash, views, reported rows and export. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Router } from '#contract/link.ts';
import type { SheetRequest } from '#contract/procedures.ts';
import { mayPin, type LaneId } from '#contract/lane.ts';
import { ProblemError } from '#contract/problem.ts';
import { viewStateSchema, type RunsChange, type RunsChanged, type SheetFormat } from '#contract/runs-table.ts';
import type { Sheet } from '#export/sheet.ts';
import type { ParsedRunsQuery } from '#store/runs-conditions.ts';
import type { StudioCore } from '../core.ts';
import { checkFields } from '../runs-fields.ts';
import { purge } from '../storage/purge.ts';
import { writeAtomically } from '../write-atomically.ts';
import { FieldList } from './field-list.ts';
import { pivotQuery, runsPivot } from './pivot.ts';
import { rowMarks } from './row-marks.ts';
import { reportedRows } from './reported-csv.ts';
import { runsSheet } from './sheet.ts';

export type TableProcedure =
  | 'runs.cells'
  | 'runs.fields'
  | 'runs.marks'
  | 'runs.pivot'
  | 'runs.matching'
  | 'runs.change'
  | 'runs.steps'
  | 'runs.trashed'
  | 'runs.purge'
  | 'runs.export'
  | 'runs.exportTo'
  | 'views.list'
  | 'views.save'
  | 'views.remove'
  | 'reported.list'
  | 'reported.import'
  | 'reported.put'
  | 'reported.remove';

const ok = { ok: true } as const;

/** Each loaded when it is first asked for: the studio starts without them. */
const writers: Readonly<Record<SheetFormat, (sheet: Sheet, units: boolean) => Promise<Uint8Array<ArrayBuffer>>>> = {
  csv: async (sheet, units) => (await import('#export/sheet-csv.ts')).sheetCsv(sheet, units),
  xlsx: async (sheet) => (await import('#export/sheet-xlsx.ts')).sheetXlsx(sheet),
  parquet: async (sheet) => (await import('#export/sheet-parquet.ts')).sheetParquet(sheet),
};

export function runsTableProcedures(core: StudioCore): Pick<Router, TableProcedure> {
  const { store, queue, hub, planner, edits, jobs } = core;
  const fields = new FieldList(store);
  const checked = <Query extends ParsedRunsQuery>(query: Query): Query => {
    checkFields(query, store, planner.cards);
    return query;
  };
  const tell = (ids: readonly string[]) => {
    // Whoever watches a single run hears of it; a thousand are told to the lists alone.
    if (ids.length <= 200) for (const id of ids) hub.tell(`run ${id}`, {});
    hub.tell('queue');
    edits.add();
  };
  const change = (ids: readonly string[], wanted: RunsChange): RunsChanged => {
    const done = store.changes.apply(ids, wanted, Date.now());
    if (wanted.type === 'trash' && done.changed === 0 && done.locked > 0) throw lockedProblem(done.locked);
    if (wanted.type === 'pin' && wanted.lane !== undefined && done.changed === 0) refusePin(ids, wanted.lane);
    if (wanted.type === 'restore' || wanted.type === 'pin') queue.fill();
    tell(done.redo.flatMap((step) => step.ids));
    return done;
  };

  /** @throws ProblemError run.pin where none of the runs computes on such a device */
  const refusePin = (ids: readonly string[], lane: LaneId) => {
    const devices = [...new Set(store.runs.summaries(ids).map(({ device }) => device))];
    if (devices.length === 0 || devices.some((device) => mayPin(device, lane))) return;
    throw new ProblemError({
      kind: 'config',
      code: 'run.pin',
      message: `Runs on the ${devices.join(' and ')} device cannot be bound to ${lane}`,
      values: { device: devices.join(', '), lane },
      fix: 'Only tensorflow can be bound to a graphics processor; all devices but webgpu can be bound to the processor.',
    });
  };

  const file = async ({ query, columns, format, units }: SheetRequest) => {
    const sheet = runsSheet(store, checked({ ...(query as ParsedRunsQuery), columns }), Date.now());
    const content = await writers[format](sheet, units);
    return { content, rows: sheet.rows, reported: sheet.reported() };
  };

  return {
    'runs.cells': ({ rows, columns, reading }) => {
      checkFields({ filter: '', where: [], sort: [], group: [], columns }, store, planner.cards);
      return { cells: store.pages.cells(rows, columns, reading) };
    },
    'runs.marks': async (query) => ({ marks: await rowMarks(store, checked(query as ParsedRunsQuery)) }),
    'runs.pivot': ({ query, pivot }) => runsPivot(store.pages, checked(pivotQuery(query as ParsedRunsQuery, pivot)), pivot),
    'runs.fields': async () => ({ fields: await fields.get() }),
    'runs.matching': (query) => ({ ids: store.pages.matching(checked(query as ParsedRunsQuery)) }),
    'runs.change': ({ ids, query, change: wanted }) =>
      change(query === undefined ? ids : store.pages.matching(checked(query as ParsedRunsQuery)), wanted),
    'runs.steps': ({ steps }) => {
      const now = Date.now();
      const done = store.transaction(() => steps.map((step) => store.changes.apply(step.ids, step.change, now)));
      if (steps.some(({ change: { type } }) => type === 'restore' || type === 'pin')) queue.fill();
      const ids = [...new Set(steps.flatMap((step) => step.ids))];
      tell(ids);
      return { changed: done.reduce((sum, { changed }) => Math.max(sum, changed), 0), gone: ids.length - store.changes.known(ids) };
    },
    'runs.trashed': () => {
      const { ids, bytes } = store.trash.whole();
      return { runs: ids.length, bytes };
    },
    'runs.purge': async ({ ids }) => {
      const { runs, bytes } = await purge(
        core,
        ids.map((run) => ({ run })),
      );
      tell([]);
      return { purged: runs, bytes };
    },
    'runs.export': (asked) =>
      jobs.exporting(async () => {
        const { content, ...counts } = await file(asked);
        return { fileName: `runs.${asked.format}`, ...counts, content };
      }),
    'runs.exportTo': ({ path, ...asked }) =>
      jobs.exporting(async () => {
        const { content, ...counts } = await file(asked);
        await writeAtomically(path, content);
        return { path, ...counts, bytes: content.byteLength };
      }),
    'views.list': () => ({
      views: store.views.list().flatMap((view) => {
        const state = v.safeParse(viewStateSchema, view.state);
        // A view of a newer version that this one cannot read is left where it is.
        return state.success ? [{ ...view, state: state.output }] : [];
      }),
    }),
    'views.save': ({ id, name, state }) => {
      const own = id ?? `view-${randomUUID().slice(0, 8)}`;
      store.views.save({ id: own, name: name.trim(), state }, Date.now());
      edits.add();
      return { id: own };
    },
    'views.remove': ({ id }) => {
      store.views.remove(id);
      edits.add();
      return ok;
    },
    'reported.list': () => ({ rows: store.reported.list() }),
    'reported.import': ({ text, fileName }) => {
      const rows = reportedRows(text, fileName);
      store.reported.put(rows, Date.now());
      edits.add();
      return { rows, values: rows.reduce((sum, row) => sum + Object.keys(row.values).length, 0) };
    },
    'reported.put': ({ rows }) => {
      store.reported.put(rows, Date.now());
      edits.add();
      return ok;
    },
    'reported.remove': ({ ids }) => {
      store.reported.remove(ids);
      edits.add();
      return ok;
    },
  };
}

/** What a locked run answers to whoever would throw it away or run over it. */
export function lockedProblem(runs: number, what = 'moved to the trash'): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'run.locked',
    message: runs === 1 ? `The run is locked and was not ${what}` : `${runs} runs are locked and were not ${what}`,
    values: { runs },
    fix: 'Unlock it in the Runs table first, if its results may go.',
  });
}
