import { readFile } from "node:fs/promises";
import { fileFor, PAGE_HEADERS, typeOf } from "#main/hosts/common/page.ts";

/** Scheme of the page. Links from outside have another one (`saccade`), so that they never reach what this may do. */
export const SCHEME = "saccade-app";
const HOST = "ui";
/** Address of the page. Compare its parts, never `new URL(…).origin`: Node says "null" for schemes it does not know. */
export const PAGE_URL = `${SCHEME}://${HOST}/`;

/** True for addresses of the page we serve; also for bare origins. */
export function isPageUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === `${SCHEME}:` && host === HOST;
}

const notFound = (): Response => new Response("Not found", { status: 404, headers: { "content-type": "text/plain" } });

/** Answers a request of the page out of the folder of its build. */
export async function serveUi(root: string, request: Request): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response(null, { status: 405 });
  if (!isPageUrl(request.url)) return notFound();
  const path = fileFor(root, new URL(request.url).pathname);
  const type = path === undefined ? undefined : typeOf(path);
  if (path === undefined || type === undefined) return notFound();
  let body: Buffer<ArrayBuffer>;
  try {
    body = await readFile(path);
  } catch (error) {
    console.error(`page: ${path}:`, error);
    return notFound();
  }
  return new Response(body, { headers: { ...PAGE_HEADERS, "content-type": type } });
}
