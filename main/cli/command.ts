import type { Link } from '#contract/link.ts';

/** Options of a command as node:util parseArgs takes them, with the words of the help. */
export interface OptionHelp {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly value?: string;
  readonly help: string;
}

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** What a command works with. The link opens on first use, so that help and usage errors touch no data folder. */
export interface Context {
  readonly home: string;
  readonly values: Values;
  readonly positionals: readonly string[];
  /** True: stdout carries one JSON value and nothing else. */
  readonly isJson: boolean;
  /** `resume`: interrupted runs found in the folder go on (run, sweep, resume, demo, serve), else they are left as they are. */
  link(options: { readonly resume: boolean }): Promise<Link>;
  /** A line for people on stdout; with --json it is dropped. */
  print(line: string): void;
  /** Progress and remarks on stderr. */
  note(line: string): void;
  /** A line that replaces the previous one on a terminal, on stderr. */
  progress(line: string): void;
  /** The one JSON value, now: for a command that stays. Without --json it is dropped. */
  answer(json: unknown): void;
  /** Text on stdout as it is, for tables and files. */
  write(text: string): void;
  /**
   * From now on an interrupt (Ctrl+C) is this command's to answer: the signal says that it came, the command ends its work and its
   * exit code is 130. Before, and at a second interrupt, it is ended at once.
   */
  interruptible(): AbortSignal;
}

/** One command, one file. `run` returns the JSON value; `exitCode` is set through {@link Outcome}. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** After the name, e.g. "FOLDER --name NAME". */
  readonly usage: string;
  readonly positionals: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, OptionHelp>>;
  /** More lines for the help of this command alone, e.g. what its file looks like. */
  readonly details?: readonly string[];
  /** A folder inside the usual data folder that it works in where --home names none, apart from the person’s own runs. */
  readonly ownFolder?: string;
  run(context: Context): Promise<Outcome>;
}

/** What a command leaves: the JSON value for --json unless it was printed already, and 1 where something it was asked to do failed. */
export interface Outcome {
  readonly json?: unknown;
  readonly exitCode?: 0 | 1;
}

/** Wrong use of the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The string value of an option, or undefined. */
export function text(values: Values, key: string): string | undefined {
  const value = values[key];
  return typeof value === 'string' ? value : undefined;
}

export function required(values: Values, key: string): string {
  const value = text(values, key);
  if (value === undefined || value === '') throw new UsageError(`--${key} is missing`);
  return value;
}

/** All values of a repeatable option. */
export function texts(values: Values, key: string): readonly string[] {
  const value = values[key];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

/** A whole number option within bounds. */
export function whole(values: Values, key: string, least: number): number | undefined {
  const value = text(values, key);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < least)
    throw new UsageError(`--${key} must be a whole number of at least ${least}, found "${value}"`);
  return number;
}

/** One of the given words. */
export function oneOf<const T extends string>(values: Values, key: string, allowed: readonly T[]): T | undefined {
  const value = text(values, key);
  if (value === undefined) return undefined;
  const found = allowed.find((entry) => entry === value);
  if (found === undefined) throw new UsageError(`--${key} must be one of ${allowed.join(', ')}, found "${value}"`);
  return found;
}
