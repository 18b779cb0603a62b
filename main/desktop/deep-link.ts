import * as v from 'valibot';
import { routeSchema } from '#contract/host.ts';

/** The route an avocet:// address among the arguments names: avocet://run/r-12 becomes "/run/r-12". Links navigate, they never act. */
export function deepLinkRoute(args: readonly string[]): string | undefined {
  const address = args.find((argument) => argument.startsWith('avocet://'));
  if (address === undefined) return undefined;
  const route = v.safeParse(routeSchema, `/${address.slice('avocet://'.length)}`);
  return route.success ? route.output : undefined;
}
