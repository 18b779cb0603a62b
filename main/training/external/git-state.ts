import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const largestFile = 16 * 1024 * 1024;
const mostFiles = 10;

/**
 * What is needed to know a command again: its text and hash, the hash of each file of its folder that it names, and the state of the git
 * repository the folder is in. Without git, or outside a repository, nothing is said of that.
 */
export async function commandRecord(command: string, folder: string): Promise<Record<string, string | number | boolean>> {
  return {
    source: 'your own command',
    command,
    'command sha256': sha256(command),
    folder,
    ...(await namedFiles(command, folder)),
    ...(await gitState(folder)),
  };
}

async function namedFiles(command: string, folder: string): Promise<Record<string, string>> {
  const words = [...new Set(command.split(/[\s"';|&<>=]+/).filter((word) => word !== '' && word !== '.' && word !== '..'))];
  const found: Record<string, string> = {};
  for (const word of words) {
    if (Object.keys(found).length >= mostFiles) break;
    // An interpreter named by its path is no file of the model.
    if (word.startsWith('/')) continue;
    const path = join(folder, word);
    const isFile = await stat(path).then(
      (facts) => facts.isFile() && facts.size <= largestFile,
      () => false,
    );
    if (isFile) found[`${word} sha256`] = sha256(await readFile(path));
  }
  return found;
}

/**
 * Commit and whether files differ from it; of certain files only where each is in the repository. Hooks and file monitors that
 * its configuration names are not run; its clean filters are, as at any commit of the person's own.
 */
export async function gitState(folder: string, files: readonly string[] = []): Promise<{ 'git commit'?: string; 'git changes'?: string }> {
  try {
    const commit = (await git(folder, 'rev-parse', 'HEAD')).trim();
    if (files.length > 0) await git(folder, 'ls-files', '--error-unmatch', '--', ...files);
    const changed = (await git(folder, 'status', '--porcelain', '--untracked-files=no', ...(files.length === 0 ? [] : ['--', ...files])))
      .split('\n')
      .filter((line) => line !== '').length;
    return {
      'git commit': commit,
      'git changes': changed === 0 ? 'none' : `${changed} ${changed === 1 ? 'file differs' : 'files differ'} from the commit`,
    };
  } catch {
    return {};
  }
}

/**
 * What the tracked files of the repository have more or less than its commit, as a patch that git applies, binary files as git writes them;
 * undefined where there is nothing or no repository. A sentence says why there is none where it is more than a run should hold.
 */
export async function gitPatch(folder: string, most: PatchLimits = usualLimits): Promise<Buffer | string | undefined> {
  const begun = performance.now();
  const isLate = () => performance.now() - begun >= most.ms;
  const late = `not kept: git took longer than ${most.ms / 1000} s`;
  try {
    const patch = await gitBytes(folder, most, ...usualForm, 'diff', '--no-ext-diff', '--no-textconv', '--no-color', '--binary', 'HEAD');
    // Node cuts the output off at the limit, and calls it whole where git has just ended.
    if (isLate()) return late;
    return patch.length === 0 ? undefined : patch;
  } catch (error) {
    const { code, killed } = error as { readonly code?: unknown; readonly killed?: boolean };
    if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `not kept: it is larger than ${most.bytes / 1024 / 1024} MiB`;
    return killed === true || isLate() ? late : undefined;
  }
}

export interface PatchLimits {
  readonly bytes: number;
  readonly ms: number;
}

/** What a person or a repository may have set otherwise, and git would then not apply. */
const usualForm = ['noprefix=false', 'mnemonicPrefix=false', 'relative=false', 'context=3', 'submodule=short'].flatMap((setting) => [
  '-c',
  `diff.${setting}`,
]);

const usualLimits: PatchLimits = { bytes: 16 * 1024 * 1024, ms: 10_000 };

async function git(folder: string, ...words: string[]): Promise<string> {
  return (await gitBytes(folder, usualLimits, ...words)).toString('utf8');
}

/** As git writes them: a patch has the bytes of the files, whatever their encoding. */
async function gitBytes(folder: string, { bytes, ms }: PatchLimits, ...words: string[]): Promise<Buffer> {
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '--no-optional-locks'];
  return (await run('git', [...safe, ...words], { cwd: folder, timeout: ms, maxBuffer: bytes, encoding: 'buffer' })).stdout;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
