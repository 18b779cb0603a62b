import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnSource } from '#contract/own-model.ts';
import type { Artifact } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { sourceFolder } from '#data/own-source.ts';
import { artifactOf } from '#training/artifacts.ts';
import { gitState } from '#training/external/git-state.ts';
import { attributed } from './source-place.ts';

/**
 * Events of a run whose model is the person's own: its record names the source, its files hold a copy, and what the model threw is said to
 * be the model's.
 */
export async function* withSource(
  own: OwnSource,
  { runFolder, ownFolder }: { readonly runFolder: string; readonly ownFolder?: string | undefined },
  events: AsyncIterable<TrainingEvent>,
): AsyncGenerator<TrainingEvent, void, void> {
  const copies = await sourceArtifacts(own, runFolder);
  for await (const event of events) {
    switch (event.type) {
      case 'prepared': {
        const files = own.files.map(({ name }) => name).join(', ');
        const record = { 'source.sha256': own.hash, 'source.files': files, ...(await gitOf(own, ownFolder)) };
        yield { ...event, provenance: { ...event.provenance, model: { ...event.provenance.model, ...record } } };
        break;
      }
      case 'finished':
        yield { ...event, artifacts: [...event.artifacts, ...copies] };
        break;
      case 'failed':
        yield { ...event, problem: attributed(own, event.problem), artifacts: [...event.artifacts, ...copies] };
        break;
      default:
        yield event;
    }
  }
}

/** Commit of the source and what differs from it; nothing where the folder holds another source by now. The copy in the run's files is whole. */
async function gitOf(own: OwnSource, folder: string | undefined): Promise<Record<string, string>> {
  if (folder === undefined) return {};
  for (const { name, text } of own.files) if ((await readFile(join(folder, name), 'utf8').catch(() => undefined)) !== text) return {};
  return gitState(
    folder,
    own.files.map(({ name }) => name),
  );
}

async function sourceArtifacts(own: OwnSource, runFolder: string): Promise<Artifact[]> {
  const found = await Promise.all(own.files.map(({ name }) => artifactOf(runFolder, `source ${name}`, `${sourceFolder}/${name}`)));
  return found.filter((artifact): artifact is Artifact => artifact !== undefined);
}
