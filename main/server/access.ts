/**
 * Who may talk to the studio over the loopback port: a page of our own origin whose browser showed the token of this start once.
 * Other local users and pages of other sites reach the port, but neither the token nor the cookie.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Names under which a browser on this machine, or at the near end of a tunnel, reaches the port; the tunnel's port may differ. */
const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

export type Refusal = { readonly status: 401 | 403; readonly reason: string };

export class Access {
  /** Stands in the first address. */
  readonly token = randomBytes(24).toString('base64url');
  readonly #session = randomBytes(24).toString('base64url');
  readonly #cookie: string;

  /** Browsers keep one jar per host name, so the port is in the cookie's name. */
  constructor(port: number) {
    this.#cookie = `avocet-${port}`;
  }

  /** Against other sites' names pointed at 127.0.0.1 (DNS rebinding). */
  refuseHost({ host }: IncomingHttpHeaders): Refusal | undefined {
    const name = host?.replace(/:\d+$/, '');
    return name !== undefined && loopbackNames.has(name)
      ? undefined
      : { status: 403, reason: 'This address is not a name of the machine itself.' };
  }

  isToken(given: string): boolean {
    return equal(given, this.token);
  }

  /** Sent once the token was right. */
  cookieHeader(): string {
    return `${this.#cookie}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** A WebSocket is let in from our own origin with the cookie of this start. */
  refuseSocket(headers: IncomingHttpHeaders): Refusal | undefined {
    const wrongHost = this.refuseHost(headers);
    if (wrongHost !== undefined) return wrongHost;
    if (headers.origin !== `http://${headers.host}`) return { status: 403, reason: 'Only the page of this studio may connect.' };
    const given = cookies(headers.cookie).get(this.#cookie);
    if (given === undefined) return { status: 401, reason: 'The token is missing. Open the address that the start line printed.' };
    return equal(given, this.#session)
      ? undefined
      : { status: 401, reason: 'The token has expired: the studio was started again. Open the address that its start line printed.' };
  }
}

function equal(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}

function cookies(header: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0) found.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return found;
}
