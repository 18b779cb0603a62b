import { isAbsolute } from 'node:path';

/**
 * The folder or file of the person's own among the arguments of a start, as the system's file manager or its list of recent files gives it:
 * the first whole path after the program itself, which a checkout names as well.
 */
export function openedPath(args: readonly string[], isPackaged: boolean): string | undefined {
  return args.slice(isPackaged ? 1 : 2).find((argument) => isAbsolute(argument));
}
