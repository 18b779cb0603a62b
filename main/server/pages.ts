/** The built page as static files, read-only, with the strict policy on every answer. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { contentSecurityPolicy } from '#contract/page-policy.ts';
import type { Access } from './access.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Answers GET and HEAD. The page itself is no secret: without a cookie it opens, says so, and takes a new token. */
export async function answerPage(request: IncomingMessage, response: ServerResponse, folder: string, access: Access): Promise<void> {
  const refusal = access.refuseHost(request.headers);
  if (refusal !== undefined) return say(response, refusal.status, refusal.reason);
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'Only reading is possible here.');
  const url = new URL(request.url ?? '/', 'http://localhost');
  const token = url.searchParams.get('token');
  if (url.pathname === '/' && token !== null) {
    if (!access.isToken(token))
      return say(response, 403, 'This token is not of the running studio. Open the address that its start line printed.');
    // The token leaves the address bar, the history and the referrer.
    response.writeHead(303, { ...headers, 'set-cookie': access.cookieHeader(), location: '/', 'cache-control': 'no-store' }).end();
    return;
  }
  const file = pagePath(folder, url.pathname);
  const type = file === undefined ? undefined : types[extname(file)];
  if (file === undefined || type === undefined) return say(response, 404, 'There is nothing here.');
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return say(response, 404, 'There is nothing here.');
  }
  // Names of built files carry their hash; the page itself changes with every build.
  const cache = url.pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store';
  response.writeHead(200, { ...headers, 'content-type': type, 'content-length': bytes.length, 'cache-control': cache });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** The file of a path below `folder`, or undefined where the path leads out of it. */
export function pagePath(folder: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0')) return undefined;
  const file = normalize(join(folder, decoded === '/' ? 'index.html' : decoded));
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? file : undefined;
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(`${text}\n`);
}
