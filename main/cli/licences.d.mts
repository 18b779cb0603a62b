export interface Licences {
  /** `text` is the place in `texts`. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly licence: string; readonly text: number }[];
  readonly texts: readonly string[];
}
export function licences(root: string): Licences;
export function licencesPlugin(root: string): {
  name: string;
  resolveId(wanted: string): string | undefined;
  load(wanted: string): string | undefined;
};
