/** The places of the rail, in their order. */
export const places = ["home", "capture", "library", "train", "models", "live"] as const;
export type Place = (typeof places)[number];

/** Where the window is: `#/library/<recordingId>?clip=…`. */
export type Route = {
  readonly page: string;
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
};

/** Reads an address; anything unknown stays as it is, so that the shell can say so. */
export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch (error) {
      if (error instanceof URIError) return part; // typed by hand: take it literally
      throw error;
    }
  };
  const [page = "", ...parts] = path
    .split("/")
    .filter((part) => part !== "")
    .map(decode);
  return { page: page === "" ? "home" : page, parts, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The address of a place. */
export function hrefOf(page: string, parts: readonly string[] = [], query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/${[page, ...parts].map(encodeURIComponent).join("/")}${search === "" ? "" : `?${search}`}`;
}
