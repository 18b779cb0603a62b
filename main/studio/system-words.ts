/** What the system says of a file or folder, in words. */

const words: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not',
  EPERM: 'the system does not allow it',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
  EEXIST: 'something else has this name',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
};

/** The code of a system error, such as "EACCES". */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Why it did not work, without the system's own letters where they are known. */
export function systemWords(error: unknown): string {
  return words[systemCode(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
