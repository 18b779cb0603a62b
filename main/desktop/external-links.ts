/** Sites the page may open in the person's browser: papers and their code. Everything else stays closed. */
const hosts: readonly string[] = ['arxiv.org', 'doi.org', 'dl.acm.org', 'openreview.net', 'aclanthology.org', 'github.com'];

/** True for an https address, on its usual port and without credentials, of a listed site. */
export function isAllowedExternal(address: string): boolean {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '' && hosts.includes(url.hostname);
  } catch {
    return false;
  }
}
