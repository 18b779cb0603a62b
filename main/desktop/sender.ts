import { appOrigin } from './page-files.ts';

/** What an IPC event says about where it comes from; the parts of Electron's event that decide. */
export interface Sender {
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}

/** True where a message comes from the top frame of our own page, and not from a frame inside it or another site. */
export function isOurPage({ senderFrame }: Sender): boolean {
  return senderFrame !== null && senderFrame.parent === null && senderFrame.url.startsWith(`${appOrigin}/`);
}
