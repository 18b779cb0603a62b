/** Types of package-app.mjs for the desktop ring. */
export type Fuses = Readonly<Record<string, boolean>>;
export declare const releaseFuses: Fuses;
export declare function stage(
  folder: string,
  options?: { readonly main?: string; readonly extra?: (app: string, modules: string) => void },
): void;
export declare function pack(options: {
  readonly staged: string;
  readonly output: string;
  readonly targets: readonly string[];
  readonly fuses: Fuses;
  readonly electron: { readonly version: string; readonly folder?: string };
}): Promise<string>;
