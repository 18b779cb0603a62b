import { readFile } from 'node:fs/promises';
import { protocol, session } from 'electron';
import { contentSecurityPolicy } from '#contract/page-policy.ts';
import { appScheme, pageFile } from './page-files.ts';

/** Declares app:// as a standard, secure scheme. Electron takes this before it is ready, and once. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** Serves the bundled page from `folder` (read-only, GET only) with the policy on every answer. */
export function serveAppScheme(folder: string): void {
  protocol.handle(appScheme, async (request) => {
    const file = request.method === 'GET' ? pageFile(request.url, folder) : undefined;
    if (file === undefined) return new Response('not found', { status: 404 });
    try {
      const bytes = await readFile(file.path);
      return new Response(new Uint8Array(bytes), {
        headers: {
          'content-type': file.type,
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
        },
      });
    } catch {
      return new Response('not found', { status: 404 });
    }
  });
}

/** Refuses every permission and every request that would leave the machine, whatever the page asks for. */
export function closeSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.webRequest.onBeforeRequest((details, answer) => {
    const { protocol: scheme } = new URL(details.url);
    answer({ cancel: !(scheme === `${appScheme}:` || scheme === 'blob:' || scheme === 'data:' || scheme === 'devtools:') });
  });
  defaultSession.setSpellCheckerEnabled(false);
}
