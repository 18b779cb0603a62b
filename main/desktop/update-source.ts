import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { CancellationToken, DebUpdater, MacUpdater, NsisUpdater, type AppUpdater } from 'electron-updater';
import { longestNotes } from '#contract/updates.ts';
import type { UpdateSource } from './updater.ts';

/** What of electron-updater is used. */
export type Library = Pick<
  AppUpdater,
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'allowDowngrade'
  | 'allowPrerelease'
  | 'disableWebInstaller'
  | 'disableDifferentialDownload'
  | 'isUserWithinRollout'
  | 'logger'
  | 'checkForUpdates'
  | 'downloadUpdate'
  | 'quitAndInstall'
  | 'on'
  | 'once'
  | 'off'
>;

export interface SourceOptions {
  readonly newToken: () => CancellationToken;
  /** Says why a file that came is not to be installed; absent where the system looks at it by itself. */
  readonly refusal?: (file: string) => Promise<string | undefined>;
}

/** electron-updater for the system this runs on. On Linux it only looks: DebUpdater is the one that looks in every package. */
export function electronSource(platform: string, publishers: readonly string[]): UpdateSource {
  const library = platform === 'win32' ? new NsisUpdater() : platform === 'darwin' ? new MacUpdater() : new DebUpdater();
  return sourceOf(library, {
    newToken: () => new CancellationToken(),
    ...(platform === 'win32' ? { refusal: (file: string) => refusalByWindows(file, publishers) } : {}),
  });
}

/** The library under our rules: nothing by itself, nothing older, nothing that names this machine. */
export function sourceOf(library: Library, { newToken, refusal }: SourceOptions): UpdateSource {
  library.autoDownload = false;
  library.autoInstallOnAppQuit = false;
  library.allowDowngrade = false;
  library.allowPrerelease = false;
  library.disableWebInstaller = true;
  // Parts of a version would be asked for by the name of the one that is here.
  library.disableDifferentialDownload = true;
  library.logger = null;
  // It would draw a number for this machine, keep it on the disk and send it with every request, to offer a version to a share of machines first.
  library.isUserWithinRollout = () => true;
  Object.assign(library, {
    stagingUserIdPromise: { value: Promise.resolve('') },
    computeFinalHeaders: ({ 'x-user-staging-id': _id, ...headers }: Record<string, string>) => headers,
  });
  const requests = requestsOf(library);
  // What fails rejects as well; without a listener of its own an event of this name would end the program.
  library.on('error', () => undefined);
  return {
    check: async () => {
      const found = await library.checkForUpdates();
      if (found === null) throw new Error('This build is not packaged');
      const { version, releaseNotes } = found.updateInfo;
      return { isNewer: found.isUpdateAvailable, version: String(version), notes: plainNotes(releaseNotes) };
    },
    download: async (onProgress, signal) => {
      const token = newToken();
      const cancel = () => {
        token.cancel();
        requests.end();
      };
      const tell = ({ transferred, total, bytesPerSecond }: { transferred: number; total: number; bytesPerSecond: number }) =>
        onProgress({ bytes: transferred, of: total, bytesPerSecond });
      signal.addEventListener('abort', cancel);
      library.on('download-progress', tell);
      try {
        const files = await library.downloadUpdate(token);
        for (const file of refusal === undefined ? [] : files) {
          const reason = await refusal?.(file);
          if (reason !== undefined) throw Object.assign(new Error(reason), { code: 'ERR_UPDATER_INVALID_SIGNATURE' });
        }
      } finally {
        library.off('download-progress', tell);
        signal.removeEventListener('abort', cancel);
      }
    },
    install: () =>
      new Promise((_done, fail) => {
        library.once('error', fail);
        library.quitAndInstall();
      }),
  };
}

interface Executor {
  createRequest(...args: readonly unknown[]): { abort(): void };
}

/** The library heeds a cancel only when more bytes come, and then leaves the connection open: its last request is ended here. */
function requestsOf(library: Library): { end(): void } {
  const { httpExecutor } = library as unknown as { readonly httpExecutor: Executor };
  const create = httpExecutor.createRequest.bind(httpExecutor);
  let last: { abort(): void } | undefined;
  httpExecutor.createRequest = (...args) => (last = create(...args));
  return { end: () => last?.abort() };
}

/** Notes as text: of one version, or of several with their numbers. */
export function plainNotes(
  notes: string | readonly { readonly version: string; readonly note: string | null }[] | null | undefined,
): string {
  const text = Array.isArray(notes) ? notes.map(({ version, note }) => `${version}\n${note ?? ''}`).join('\n\n') : (notes ?? '');
  const plain = String(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
  return plain.trim().slice(0, longestNotes);
}

type Run = (program: string, args: readonly string[], environment: NodeJS.ProcessEnv) => Promise<string>;

/**
 * Asks Windows whether the signature of a file is valid and one of these publishers made it. The library asks as well; but it lets a file pass
 * where PowerShell does not answer as it expects, and one that it finds downloaded before.
 */
export async function refusalByWindows(file: string, publishers: readonly string[], run: Run = runProgram): Promise<string | undefined> {
  const { PSModulePath: _other, ...environment } = process.env;
  const program = join(environment['SystemRoot'] ?? 'C:\\Windows', 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  const command = [
    '[Console]::OutputEncoding = [Text.Encoding]::UTF8',
    '$found = Get-AuthenticodeSignature -LiteralPath $env:AVOCET_UPDATE_FILE',
    '$found.Status.ToString()',
    '$found.SignerCertificate.Subject',
  ].join('; ');
  const args = ['-NoProfile', '-NonInteractive', '-InputFormat', 'None', '-Command', command];
  try {
    const answer = await run(program, args, { ...environment, AVOCET_UPDATE_FILE: file });
    const [status = '', subject = ''] = answer.split('\n').map((line) => line.trim());
    if (status !== 'Valid') return `Windows says of the signature: ${status === '' ? 'nothing' : status}`;
    return isBy(subject, publishers) ? undefined : `The signature is of another publisher: ${subject === '' ? 'no name' : subject}`;
  } catch (error) {
    return `The signature could not be checked: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** As the library compares: a publisher is a common name, or a distinguished name all of whose parts are the subject's. */
function isBy(subject: string, publishers: readonly string[]): boolean {
  const found = partsOf(subject);
  return publishers.some((name) => {
    const wanted = partsOf(name);
    return wanted.size === 0 ? name === found.get('CN') : [...wanted].every(([part, value]) => found.get(part) === value);
  });
}

/** `CN="Makers, Inc.", C=DE` as its parts. */
function partsOf(name: string): ReadonlyMap<string, string> {
  const parts = name.matchAll(/([^=,;+"]+)=\s*(?:"((?:[^"]|"")*)"|([^,;+"]*))/g);
  return new Map([...parts].map(([, part, quoted, plain]) => [part!.trim(), quoted?.replaceAll('""', '"') ?? plain!.trim()]));
}

const longestCheckMs = 60_000;

function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { env, timeout: longestCheckMs, windowsHide: true }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}
