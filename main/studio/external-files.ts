/** What a request says of models of one's own, held against the disk: result files are hashed, folders must exist. */
import { stat } from 'node:fs/promises';
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import type { External } from '#contract/external.ts';
import { ProblemError } from '#contract/problem.ts';
import { fileHash } from './file-hash.ts';
import { systemWords } from './system-words.ts';

type Import = Extract<External, { kind: 'import' }>;

/**
 * The request with the SHA-256 of every result file as it is now, so that the run says what was scored and a file that changes while the
 * run waits is noticed. @throws ProblemError external.file, external.folder
 */
export async function withFileHashes(request: ParsedExperimentRequest): Promise<ParsedExperimentRequest> {
  const models: ParsedExperimentRequest['models'] = [];
  for (const choice of request.models) {
    const { external } = choice;
    if (external?.kind === 'command') await checkFolder(external.folder);
    models.push(external?.kind === 'import' ? { ...choice, external: { ...external, files: await hashed(external) } } : choice);
  }
  return { ...request, models };
}

async function hashed({ files }: Import): Promise<Import['files']> {
  const result: Import['files'] = [];
  for (const { role, path } of files) {
    try {
      if (!(await stat(path)).isFile()) throw problem('external.file', path, `The file of the ${role} is a folder`);
      result.push({ role, path, sha256: await fileHash(path) });
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw problem('external.file', path, `The file of the ${role} cannot be read: ${systemWords(error)}`);
    }
  }
  return result;
}

async function checkFolder(folder: string): Promise<void> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw problem('external.folder', folder, 'The folder of the command is not there');
}

function problem(code: string, where: string, message: string): ProblemError {
  return new ProblemError({ kind: 'config', code, message, where, fix: 'Check the path.' });
}
