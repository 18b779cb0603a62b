/*
 * `npm start`: installs what is missing, builds what is stale and opens the studio: the desktop app, or browser mode with the reason
 * in one line. Options: --browser (ask for browser mode), --port N, --home DIR, --no-open, --safe-mode.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './build.mjs';
import { downloadElectron, electronVersion, installedElectron, noWindowReason } from './electron-runtime.mjs';
import { become, ensureInstalled, environment, node24, nodeEnvironment, root, say } from './setup.mjs';

const options = readOptions();
await ensureInstalled();
const reason = options.browser ? undefined : await openDesktop();
if (reason !== undefined) say(`Opening in browser mode: ${reason}.`);
await ensureBuilt(['renderer']);
become(node24(), [join(root, 'main/cli/index.ts'), 'serve', ...serveArguments()], { env: nodeEnvironment() });

/** Our own words for what is wrong: this runs before anything is installed, on the Node that is there. */
function readOptions() {
  const known = {
    browser: { type: 'boolean' },
    port: { type: 'string' },
    home: { type: 'string' },
    'no-open': { type: 'boolean' },
    'safe-mode': { type: 'boolean' },
  };
  const { tokens, values } = parseArgs({ options: known, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') wrongUse(`npm start takes options alone, found "${token.value}"`);
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option === undefined) wrongUse(`npm start has no option ${token.rawName}`);
    if (option.type === 'boolean' && token.value !== undefined) wrongUse(`--${token.name} takes no value, found "${token.value}"`);
    if (option.type === 'string' && (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))))
      wrongUse(`--${token.name} needs a value`);
  }
  return values;
}

function wrongUse(words) {
  say(`avocet: ${words}`);
  say('Usage: npm start -- [--browser] [--port N] [--home DIR] [--no-open] [--safe-mode]');
  process.exit(2);
}

function serveArguments() {
  return [
    ...(options.port === undefined ? [] : ['--port', options.port]),
    ...(options.home === undefined ? [] : ['--home', options.home]),
    ...(options['no-open'] ? ['--no-open'] : []),
    ...(options['safe-mode'] ? ['--safe-mode'] : []),
  ];
}

/** Opens the desktop app and ends with it; returns the reason where it cannot be opened. */
async function openDesktop() {
  const noWindow = noWindowReason();
  if (noWindow !== undefined) return noWindow;
  const electron = installedElectron() ?? (await downloadElectron());
  if (electron === undefined) return `the Electron ${electronVersion()} runtime is not installed and could not be downloaded`;
  await ensureBuilt(['main', 'renderer']);
  const home = options.home === undefined ? {} : { AVOCET_HOME: resolve(options.home) };
  const child = spawn(electron, [root, ...(options['safe-mode'] ? ['--safe-mode'] : [])], {
    stdio: ['inherit', 'inherit', 'pipe'],
    env: environment(home),
  });
  let lastWords = '';
  child.stderr.on('data', (bytes) => {
    lastWords = `${lastWords}${bytes}`.slice(-2000);
    process.stderr.write(bytes);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.pid !== undefined && child.kill(signal));
  const startedAt = Date.now();
  const { code, error } = await new Promise((done) => {
    child.on('error', (problem) => done({ code: 1, error: problem }));
    child.on('exit', (status) => done({ code: status ?? 1 }));
  });
  // A missing system library or a refused sandbox ends Electron before a window could open; anything later is the app's own end.
  if (code !== 0 && Date.now() - startedAt < 5000) {
    const line = error?.message ?? lastWords.trim().split('\n').at(-1);
    return `Electron could not start (${line === '' ? `exit code ${code}` : line})`;
  }
  return process.exit(code);
}
