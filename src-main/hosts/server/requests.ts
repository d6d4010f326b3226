import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "#shared/api/errors.ts";
import { fileFor, typeOf } from "#main/hosts/common/page.ts";
import { isLoopbackHost, isOwnOrigin, type Access } from "./access.ts";
import { answer, answerError, answerNotice } from "./answer.ts";

/** What the request handler needs from its server. */
export interface Site {
  readonly access: Access;
  /** Folder of the built page. */
  readonly page: string;
  /** Takes a dropped file; the answer is where it lies now. */
  upload(name: string, request: IncomingMessage): Promise<string>;
}

/** Why a request is refused before anything else is looked at, or undefined. */
export function refusal(request: IncomingMessage): AppError | undefined {
  const { host, origin } = request.headers;
  if (host === undefined || !isLoopbackHost(host)) {
    return new AppError("denied", "This server answers to 127.0.0.1 and localhost only", {
      hint: "From another machine, use an SSH tunnel and open http://localhost:PORT.",
    });
  }
  if (!isOwnOrigin(origin, host)) return new AppError("denied", "A page of another origin may not talk to this server");
  return undefined;
}

async function servePage(site: Site, pathname: string, response: ServerResponse): Promise<void> {
  const path = fileFor(site.page, pathname);
  const type = path === undefined ? undefined : typeOf(path);
  if (path === undefined || type === undefined) return answer(response, 404, "text/plain; charset=utf-8", "Not found");
  let body: Buffer;
  try {
    body = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOENT" && code !== "EISDIR" && code !== "ENOTDIR") throw error;
    return answer(response, 404, "text/plain; charset=utf-8", "Not found");
  }
  // The build puts a hash into the names below assets/, so those never change; everything else is asked for again.
  const cache = pathname.startsWith("/assets/") ? "private, max-age=31536000, immutable" : "no-store";
  answer(response, 200, type, body, { "cache-control": cache });
}

function enter(site: Site, token: string, request: IncomingMessage, response: ServerResponse): void {
  const cookie = site.access.redeem(token);
  if (cookie !== undefined) response.setHeader("set-cookie", cookie);
  else if (!site.access.admits(request)) {
    const text = "This address has been used already. Start saccade again, or press Enter in its terminal for a new one.";
    return answerNotice(response, 401, "This address opens once", text);
  }
  // A link clicked in a page of another site: the browser would not send the cookie along a redirect, but it does
  // when our own page goes on by itself.
  if (request.headers["sec-fetch-site"] === "cross-site") return answerNotice(response, 200, "Saccade", "Opening …", "/");
  answer(response, 303, "text/plain; charset=utf-8", "", { location: "/" });
}

/** Answers one request of the browser. Rejects only for faults of the server itself. */
export async function handle(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refused = refusal(request);
  if (refused !== undefined) return answerError(response, 403, refused);
  const target = request.url ?? "/";
  if (!target.startsWith("/") || !URL.canParse(target, "http://127.0.0.1"))
    return answer(response, 400, "text/plain", "Bad request");
  // Parsed by hand: URL would resolve ".." before fileFor can refuse it.
  const [pathname = "/", query = ""] = target.split("?", 2);
  const search = new URLSearchParams(query);
  const token = search.get("token");
  if (token !== null && pathname === "/" && request.method === "GET") return enter(site, token, request, response);
  if (!site.access.admits(request)) {
    const text = "Open the address that saccade printed in its terminal; it contains a key that this address lacks.";
    return answerNotice(response, 401, "A key is needed", text);
  }
  if (pathname === "/upload" && request.method === "PUT") {
    if (request.headers.origin === undefined)
      return answerError(response, 403, new AppError("denied", "Uploads come from the page only"));
    try {
      const path = await site.upload(search.get("name") ?? "", request);
      answer(response, 201, "application/json", JSON.stringify({ path }));
    } catch (error) {
      response.setHeader("connection", "close"); // the rest of the body is not read
      answerError(response, error instanceof AppError && error.code === "bad-argument" ? 400 : 500, error);
    }
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD")
    return answer(response, 405, "text/plain", "", { allow: "GET, HEAD" });
  await servePage(site, pathname, response);
}
