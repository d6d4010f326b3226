/** What a sensor sends, in the camera's own format. */
export interface WireFeed {
  /** The bytes of the next part of the stream, at most about so many; empty when there is nothing just now. Lent until the next call. */
  next(roomBytes: number): Uint8Array;
}

/** Sends given bytes once, as fast as they are read. */
export function onceFeed(bytes: Uint8Array): WireFeed {
  let at = 0;
  return {
    next: (roomBytes) => {
      const part = bytes.subarray(at, at + roomBytes);
      at += part.length;
      return part;
    },
  };
}

/** Sends parts made on demand, as fast as they are read: `make` is asked with the number of the part until it answers `undefined`. */
export function madeFeed(make: (part: number) => Uint8Array | undefined): WireFeed {
  let part = 0;
  let rest: Uint8Array = new Uint8Array(0);
  return {
    next: (roomBytes) => {
      if (rest.length === 0) rest = make(part++) ?? new Uint8Array(0);
      const bytes = rest.subarray(0, roomBytes);
      rest = rest.subarray(bytes.length);
      return bytes;
    },
  };
}

/** As much of a feed as there is, up to so many bytes. */
function gather(feed: WireFeed, wantedBytes: number): Uint8Array {
  const gathered = new Uint8Array(wantedBytes);
  let used = 0;
  while (used < wantedBytes) {
    const part = feed.next(wantedBytes - used);
    if (part.length === 0) break;
    gathered.set(part, used);
    used += part.length;
  }
  return gathered.subarray(0, used);
}

/** Another feed at a chosen speed, by the clock. What the reader is too slow for is kept by the camera's memory, or lost there. */
export function pacedFeed(
  feed: WireFeed,
  bytesPerSecond: number,
  nowMs: () => number = () => performance.now(),
): WireFeed & { readonly paced: true } {
  let before: number | undefined;
  let due = 0;
  return {
    paced: true,
    next: () => {
      const now = nowMs();
      due += ((now - (before ?? now)) * bytesPerSecond) / 1000;
      before = now;
      // Whole words of every format: what is lost is lost word by word, as in a camera's memory.
      const bytes = gather(feed, Math.floor(due) & ~7);
      due -= bytes.length;
      return bytes;
    },
  };
}
