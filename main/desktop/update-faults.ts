import type { UpdateFault } from '#contract/updates.ts';

const byCode: Readonly<Record<string, UpdateFault>> = {
  ERR_UPDATER_CHANNEL_FILE_NOT_FOUND: 'no-list',
  ERR_UPDATER_INVALID_UPDATE_INFO: 'bad-list',
  ERR_UPDATER_INVALID_VERSION: 'bad-list',
  ERR_UPDATER_NO_FILES_PROVIDED: 'bad-list',
  ERR_UPDATER_NO_CHECKSUM: 'bad-list',
  ERR_UPDATER_ZIP_FILE_NOT_FOUND: 'bad-list',
  ERR_UPDATER_WEB_INSTALLER_DISABLED: 'bad-list',
  ERR_CHECKSUM_MISMATCH: 'changed',
  ERR_UPDATER_INVALID_SIGNATURE: 'signature',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
};

/** By the words of Chromium's network, of Node's, and of Squirrel on macOS, which give no code. */
const byWords: readonly (readonly [RegExp, UpdateFault])[] = [
  [/ERR_FILE_NO_SPACE|\bENOSPC\b/, 'full'],
  [/ERR_CERT_|ERR_SSL_|CERT_|SELF_SIGNED|self.signed certificate/, 'untrusted'],
  [/\bstatus 4\d\d\b/, 'no-file'],
  [/\bstatus 5\d\d\b/, 'offline'],
  [/net::ERR_|\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EPIPE)\b|timed out/i, 'offline'],
  [/code ?sign|signature/i, 'signature'],
];

/** What a failure of electron-updater, the network or the disk means for the person. */
export function faultOf(error: unknown, doing: 'check' | 'download' | 'install'): UpdateFault {
  const { code, message, statusCode } = (error ?? {}) as { code?: unknown; message?: unknown; statusCode?: unknown };
  const known = typeof code === 'string' ? byCode[code] : undefined;
  if (known !== undefined) return known;
  if (typeof statusCode === 'number') return statusCode >= 500 ? 'offline' : doing === 'check' ? 'no-list' : 'no-file';
  const words = `${typeof code === 'string' ? code : ''} ${typeof message === 'string' ? message : String(error)}`;
  const said = byWords.find(([pattern]) => pattern.test(words))?.[1];
  if (said !== undefined) return said;
  // The library reads a list that is something else without looking first.
  return doing === 'check' && error instanceof TypeError ? 'bad-list' : 'other';
}
