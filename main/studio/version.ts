/** Version of the code that trains and evaluates; recorded with every run and checkpoint. Kept equal to package.json by a test. */
export const codeVersion = '0.1.0';
