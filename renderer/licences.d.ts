/** Written by the build (main/cli/licences.mjs): packages inside Avocet, `text` being the place in `texts`. */
declare module 'virtual:licences' {
  export const licences: {
    readonly packages: readonly { readonly name: string; readonly version: string; readonly licence: string; readonly text: number }[];
    readonly texts: readonly string[];
  };
}
