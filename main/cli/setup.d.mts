/** Types of setup.mjs for the tests; the script itself stays plain JavaScript, because it runs before anything is installed. */
export declare const root: string;
export declare function missingPackages(folder?: string): string | undefined;
export declare function alone<T>(name: string, work: () => Promise<T>): Promise<T>;
