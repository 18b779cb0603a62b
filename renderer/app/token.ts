/** Where to go with a pasted address or bare token, or undefined while it is neither. Only the page's own origin is entered. Pure. */
export function tokenAddress(pasted: string, here: string): string | undefined {
  const text = pasted.trim();
  const page = new URL(here);
  const found = /^https?:/.test(text) ? parsed(text)?.searchParams.get('token') : text;
  if (found === null || found === undefined || !/^[A-Za-z0-9_-]{16,}$/.test(found)) return undefined;
  return `${page.origin}/?token=${found}${page.hash}`;
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
