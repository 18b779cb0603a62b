import { builtApp, test } from './app.ts';
import { smoke } from './journey.ts';

test('from first start to a table, through a killed worker and a restart', async ({ home }) => {
  await smoke(builtApp(), home);
});
