import * as v from 'valibot';
import { routeSchema } from '#contract/host.ts';

/**
 * The route an avocet:// address among the arguments names: avocet://run/r-12 is the run "/runs/r-12", avocet://queue the screen
 * "/queue". Links navigate, they never act; an address of nothing leads to the page's own explanation.
 */
export function deepLinkRoute(args: readonly string[]): string | undefined {
  const address = args.find((argument) => argument.startsWith('avocet://'));
  if (address === undefined) return undefined;
  const route = v.safeParse(routeSchema, `/${address.slice('avocet://'.length).replace(/^run\//, 'runs/')}`);
  return route.success ? route.output : undefined;
}
