import { createServer } from 'node:net';
import { StudioPage } from '../browser/pages/studio-page.ts';
import { builtApp, choose, expect, launch, test, type RunningApp } from './app.ts';

const ended = ({ app }: RunningApp) => new Promise((resolve) => app.process().once('exit', resolve));

/** A port that nobody listens on. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** What an app that Playwright did not start says of itself. */
const told = async (port: number, of: 'list' | 'version'): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${port}/json/${of}`).catch(() => undefined))?.json();

async function quitFromOutside(port: number): Promise<void> {
  const { webSocketDebuggerUrl } = (await told(port, 'version')) as { webSocketDebuggerUrl: string };
  const socket = new WebSocket(webSocketDebuggerUrl);
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
  socket.addEventListener('open', () => socket.send(JSON.stringify({ id: 1, method: 'Browser.close' })));
  await closed;
}

test('started again while it is on its way out, the app comes up when it has ended', async ({ home }) => {
  const running = await launch(builtApp(), home);
  await expect(running.page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  const port = await freePort();
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [...builtApp().args, ...asRoot, '--disable-gpu', `--remote-debugging-port=${port}`, 'avocet://queue'];
  const end = ended(running);
  // The moment in which a real second start finds it so is short where nothing is at work.
  await running.app.evaluate(({ app }, own) => {
    app.quit();
    app.emit('second-instance', {}, [process.execPath, ...own], process.cwd(), { args: own });
  }, args);
  await end;
  await expect.poll(() => told(port, 'list')).toEqual([expect.objectContaining({ type: 'page', title: 'Queue · Avocet' })]);
  await quitFromOutside(port);
});

test('what was typed in a field that is saved when it is left is kept by quitting and by closing the window', async ({ home }) => {
  const leave: readonly ((running: RunningApp) => Promise<unknown>)[] = [
    ({ app }) => choose(app, 'File', 'Quit Avocet'),
    ({ app }) => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close()),
  ];
  let kept = '';
  for (const by of leave) {
    const running = await launch(builtApp(), home);
    await new StudioPage(running.page).dataset('Demo').click();
    const licence = running.page.getByRole('textbox', { name: 'Licence note' });
    await expect(licence).toHaveValue(kept);
    kept = `${kept}Drawn by code.`;
    await licence.fill(kept);
    const end = ended(running);
    await by(running);
    await end;
  }
  const { app, page } = await launch(builtApp(), home);
  await new StudioPage(page).dataset('Demo').click();
  await expect(page.getByRole('textbox', { name: 'Licence note' })).toHaveValue(kept);
  await app.close();
});
