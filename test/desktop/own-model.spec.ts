import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { starterCard, starterModel } from '#studio/own-models/starter.ts';
import { builtApp, expect, launch, test } from './app.ts';

/** Electron strips no types, and an old one knows less of JavaScript: what a person writes is compiled in its utility process all the same. */
test('models of the person’s own are compiled, tried and listed, the broken one with its line', async ({ home }) => {
  const write = (id: string, card: string) => {
    mkdirSync(join(home, 'models', id), { recursive: true });
    writeFileSync(join(home, 'models', id, 'card.ts'), card);
    writeFileSync(join(home, 'models', id, 'model.ts'), starterModel(id));
  };
  write('my-model', starterCard('my-model'));
  write('broken', starterCard('broken').replace('default: 2,', 'default: 20,'));
  const { app, page } = await launch(builtApp(), home);
  await page.getByRole('link', { name: 'New experiment' }).click();
  const own = page.getByRole('group', { name: 'Your own', exact: true });
  await expect(own.getByRole('checkbox', { name: 'My Model' })).toBeVisible({ timeout: 120_000 });
  const faults = page.getByRole('group', { name: 'Models of your own' });
  await expect(faults).toContainText('hyper.n_layers.default must be at least 1 and at most 8, found 20', { timeout: 120_000 });
  await expect(faults).toContainText(/broken\/card\.ts:\d+/);
  await app.close();
});
