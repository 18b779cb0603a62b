/** Types of package-app.mjs for the desktop ring. */
export type Fuses = Readonly<Record<string, boolean>>;
export declare const releaseFuses: Fuses;
export interface UpdateSettings {
  readonly publish: { readonly provider: 'generic'; readonly url: string } | null;
  readonly releaseInfo?: { readonly releaseNotesFile: string };
}
export declare function updateSettings(environment: Readonly<Record<string, string | undefined>>): UpdateSettings;
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
  readonly updates?: UpdateSettings;
}): Promise<string>;
