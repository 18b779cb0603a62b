/** What a reader of another tool's files gives. A new format is one file in `formats`, and one line in formats.ts. */
import type { LogTool } from '#contract/log-import.ts';

/** A file of the chosen place. */
export interface LogFile {
  /** Absolute. */
  readonly path: string;
  /** From the chosen folder, with forward slashes; the name alone where a file was chosen. */
  readonly relative: string;
  readonly bytes: number;
}

/** A file or a folder with all that lies in it. */
export interface LogPlace {
  /** Absolute; the folder itself, or the folder of the chosen file. */
  readonly root: string;
  readonly files: readonly LogFile[];
  /** Folders that could not be listed. */
  readonly closed: readonly { readonly path: string; readonly reason: string }[];
}

export interface RawMetric {
  readonly name: string;
  /** Steps in the order of the file; where one is repeated the later value counts. */
  readonly steps: readonly number[];
  readonly values: readonly number[];
  /** No step was given: its points are counted, or stand at a time or an epoch. */
  readonly hasNoSteps?: boolean;
}

export type RawValue = string | number | boolean;

/** A run as its tool recorded it, before its metrics are matched to ours. */
export interface RawRun {
  readonly name: string;
  readonly source: string;
  readonly model?: string;
  readonly dataset?: string;
  readonly state?: 'finished' | 'stopped' | 'failed';
  /** UTC milliseconds. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly settings: Readonly<Record<string, RawValue>>;
  readonly metrics: readonly RawMetric[];
  /** The step that the tool itself calls the best. */
  readonly bestStep?: number;
  /** Numbers that the tool states besides its series (best validation, test), by name; they go before those of the series. */
  readonly stated?: Readonly<Record<string, number>>;
  readonly note?: string;
  readonly tags?: readonly string[];
  readonly remarks?: readonly string[];
}

/** One run to read: cheap to list, read when its turn comes. */
export interface LogUnit {
  /** For progress and problems. */
  readonly label: string;
  /** How much there is to read, in anything that compares within a place. */
  readonly weight: number;
  /** @throws ProblemError with file and position where it cannot be read */
  read(): Promise<RawRun>;
}

/** The runs that `list` finds in a file. Where it cannot be listed: one that tells its problem when its turn comes, and the others are read. */
export async function unitsOf({ relative, bytes }: LogFile, list: () => Promise<readonly LogUnit[]>): Promise<readonly LogUnit[]> {
  try {
    return await list();
  } catch (error) {
    return [{ label: relative, weight: bytes, read: () => Promise.reject(error instanceof Error ? error : new Error(String(error))) }];
  }
}

export interface LogFormat {
  readonly tool: LogTool;
  /** The runs in a place; none where its content is another tool's. `close` is called after the last was read. */
  find(place: LogPlace): Promise<FoundUnits>;
}

export interface FoundUnits {
  readonly units: readonly LogUnit[];
  readonly close?: () => void;
}
