import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/*
 * Who may talk to the server. It listens on the loopback address only, but every other program and every web page on
 * this machine can reach that too. So: a one-time token in the printed address becomes a cookie no script can read and
 * no other site can send; the Host must be a loopback name (a foreign name that resolves to 127.0.0.1 is refused), and
 * an Origin, where there is one, must be this very server.
 */

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Equality in a time that tells nothing about where texts differ. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** Whether the Host header names this machine by a loopback name. The port is free: a tunnel may use another one. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const { hostname, host: parsed } = new URL(`http://${host}`);
  const plain = host.toLowerCase();
  return LOOPBACK.has(hostname) && (plain === parsed || plain === `${parsed}:80`);
}

/** Whether a request comes from a page of this server, or from no page at all. */
export function isOwnOrigin(origin: string | undefined, host: string): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).protocol === "http:" && new URL(origin).host === host.toLowerCase();
}

/** Tokens and sessions of one server. */
export class Access {
  readonly #session = randomBytes(32).toString("base64url");
  readonly #tokens = new Set<string>();
  readonly #cookie: string;

  /** @param port keeps the cookies of two servers apart, since browsers do not. */
  constructor(port: number) {
    this.#cookie = `saccade-${port}`;
  }

  /** A new token that opens the door once. */
  issue(): string {
    const token = randomBytes(32).toString("base64url");
    this.#tokens.add(token);
    return token;
  }

  /** The Set-Cookie header for a token, which is used up by it; undefined for any other text. */
  redeem(token: string): string | undefined {
    let found: string | undefined;
    for (const candidate of this.#tokens) if (same(candidate, token)) found = candidate;
    if (found === undefined) return undefined;
    this.#tokens.delete(found);
    return `${this.#cookie}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a request carries the session's cookie. */
  admits(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
    const own = cookies.find((cookie) => cookie.startsWith(`${this.#cookie}=`));
    return own !== undefined && same(own.slice(this.#cookie.length + 1), this.#session);
  }
}
