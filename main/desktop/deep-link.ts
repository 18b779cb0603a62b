import * as v from 'valibot';
import { routeSchema } from '#contract/host.ts';

/**
 * The route an avocet:// address among the arguments names: avocet://run/r-12 is the run "/runs/r-12", avocet://queue the screen
 * "/queue". Links navigate, they never act; an address of nothing leads to the page's own explanation.
 */
export function deepLinkRoute(args: readonly string[]): string | undefined {
  const address = args.find((argument) => argument.startsWith('avocet://'));
  if (address === undefined) return undefined;
  const place = address.slice('avocet://'.length).replace(/^run\//, 'runs/');
  // Other programs write signs of other alphabets as they are.
  const escaped = place.replace(/[^\x21-\x7e]+/g, (signs) =>
    [...Buffer.from(signs)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  const route = v.safeParse(routeSchema, `/${escaped}`);
  return route.success ? route.output : '/unreadable-link';
}
