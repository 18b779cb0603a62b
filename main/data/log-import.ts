import type { LogImport } from '#contract/dataset-import.ts';
import type { ImportContext } from './import.ts';
import type { ManifestDraft } from './manifest.ts';
export async function importLog(request: LogImport, context: ImportContext): Promise<ManifestDraft> {
  void request;
  void context;
  await Promise.resolve();
  throw new Error('todo');
}
