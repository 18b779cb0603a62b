/** Where things lie in a data folder. */
import { join } from 'node:path';

export interface HomeFolders {
  readonly home: string;
  readonly datasets: string;
  readonly cache: string;
  /** Models of the person's own, a folder each. */
  readonly models: string;
  run(id: string): string;
}

export function homeFolders(home: string): HomeFolders {
  return {
    home,
    datasets: join(home, 'datasets'),
    cache: join(home, 'cache'),
    models: join(home, 'models'),
    run: (id) => join(home, 'runs', id),
  };
}
