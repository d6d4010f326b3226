import { extname, join, normalize, sep } from "node:path";

/*
 * How the built page is served, equal for the window and for the browser.
 */

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
};

/**
 * What the page may do. Styles may be inline because charts and floating elements set rules at run time; scripts may
 * not, and nothing may be compiled from text. The page talks to where it came from and to nobody else.
 */
export const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of every answer that carries a file of the page. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Content type of a file of the page; undefined for kinds of file the page does not consist of. */
export const typeOf = (path: string): string | undefined => TYPES[extname(path)];

/** Path of a bundled file for the path of an address, or undefined when it is not ours to serve. */
export function fileFor(root: string, pathname: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return undefined; // "%zz" names no file
  }
  if (decoded.includes("\0") || decoded.includes("\\")) return undefined;
  const path = normalize(join(root, decoded === "/" ? "/index.html" : decoded));
  return path.startsWith(root + sep) ? path : undefined;
}
