import type { ServerResponse } from "node:http";
import { toErrorData } from "#shared/api/errors.ts";
import { PAGE_HEADERS } from "#main/hosts/common/page.ts";

const HEADERS = { ...PAGE_HEADERS, "cross-origin-resource-policy": "same-origin", "cache-control": "no-store" };

/** Ends a request with a body of one piece. */
export function answer(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...HEADERS, "content-type": type, "content-length": Buffer.byteLength(body), ...headers });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** Ends a request with an error as the rest of the application knows it. */
export function answerError(response: ServerResponse, status: number, error: unknown): void {
  answer(response, status, "application/json", JSON.stringify({ error: toErrorData(error) }));
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A page for people who came by an address that does not (or no longer) open the door. */
export function answerNotice(response: ServerResponse, status: number, title: string, text: string, refresh?: string): void {
  const again = refresh === undefined ? "" : `<meta http-equiv="refresh" content="0; url=${escape(refresh)}">`;
  answer(
    response,
    status,
    "text/html; charset=utf-8",
    `<!doctype html><html lang="en"><head><meta charset="utf-8">${again}<title>${escape(title)}</title>` +
      `<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em;color-scheme:light dark}</style>` +
      `</head><body><h1>${escape(title)}</h1><p>${escape(text)}</p></body></html>`,
  );
}
