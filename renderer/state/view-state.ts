/** A view of the runs table as an address and as a file: all of it, so that whoever opens it sees the same. Pure. */
import * as v from 'valibot';
import { ProblemError } from '#contract/problem.ts';
import { viewFileSchema, viewStateSchema, type ViewState } from '#contract/runs-table.ts';

export const emptyView: ViewState = v.parse(viewStateSchema, {});

/** The view without what is as in the empty one, as text for an address. */
export function viewToLink(state: ViewState): string {
  const changed = Object.entries(state).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(emptyView[key as keyof ViewState]),
  );
  const bytes = new TextEncoder().encode(JSON.stringify(Object.fromEntries(changed)));
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The view of an address; undefined where it is none that this version reads. */
export function viewOfLink(text: string): ViewState | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const parsed = v.safeParse(viewStateSchema, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

export function viewToFile(name: string, state: ViewState): string {
  return `${JSON.stringify({ avocet: 'runs-view', version: 1, name, state }, null, 2)}\n`;
}

/** @throws ProblemError view.form for a file that holds no view */
export function viewOfFile(text: string, fileName: string): { readonly name: string; readonly state: ViewState } {
  const refuse = (message: string) =>
    new ProblemError({
      kind: 'data',
      code: 'view.form',
      message,
      where: fileName,
      fix: 'Choose a file that "Save view as file" has written.',
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('The file is not JSON');
  }
  const parsed = v.safeParse(viewFileSchema, json);
  if (!parsed.success) throw refuse('The file holds no view of the runs table');
  return parsed.output;
}

export const isSameView = (a: ViewState, b: ViewState): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (state: ViewState) => Object.fromEntries(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)));
