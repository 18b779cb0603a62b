import { extname, join, normalize, sep } from 'node:path';

/** The page's address. A custom scheme instead of file: gives it an origin of its own, so that the policy can say 'self'. */
export const appScheme = 'app';
export const appOrigin = 'app://avocet';
export const appPage = `${appOrigin}/index.html`;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

export interface PageFile {
  readonly path: string;
  readonly type: string;
}

/** The bundled file an app:// address names, or undefined for another host, a path outside `folder` or a type the page never loads. */
export function pageFile(address: string, folder: string): PageFile | undefined {
  let url: URL;
  let name: string;
  try {
    url = new URL(address);
    name = decodeURIComponent(url.pathname);
  } catch {
    return undefined;
  }
  if (url.protocol !== `${appScheme}:` || url.host !== 'avocet' || name.includes('\0')) return undefined;
  const path = normalize(join(folder, name === '/' ? 'index.html' : name));
  if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return undefined;
  const type = types[extname(path)];
  return type === undefined ? undefined : { path, type };
}
