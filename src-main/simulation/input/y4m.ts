import { AppError } from "#shared/api/errors.ts";

/** A film as YUV4MPEG2 (`.y4m`), the plain format that ffmpeg and mjpegtools exchange: a line of text, then frames. */
export interface Y4mFilm {
  readonly width: number;
  readonly height: number;
  /** Time of a frame, µs (not always a whole number). */
  readonly frameUs: number;
  /** Luma of 0 to 255, not 16 to 235. */
  readonly fullRange: boolean;
  /** Luma planes, one after the other; lent until the next one. */
  frames(): AsyncIterable<Uint8Array>;
}

/** Lines of text in the file are no longer than this. */
const MAX_LINE = 1024;

/** Bytes of the color planes of one frame, by the `C` tag; eight bits a value only. */
function colorBytes(tag: string, width: number, height: number): number | undefined {
  const [half, low] = [(width + 1) >> 1, (height + 1) >> 1];
  if (/^420(jpeg|paldv|mpeg2)?$/.test(tag)) return 2 * half * low;
  if (tag === "422") return 2 * half * height;
  if (tag === "444") return 2 * width * height;
  if (tag === "444alpha") return 3 * width * height;
  if (tag === "411") return 2 * ((width + 3) >> 2) * height;
  return tag === "mono" ? 0 : undefined;
}

/** Takes bytes in pieces of any size and gives them out in pieces of the wanted size. */
function createReader(chunks: AsyncIterable<Uint8Array>): {
  line(): Promise<string | undefined>;
  bytes(count: number): Promise<Uint8Array | undefined>;
} {
  const iterator = chunks[Symbol.asyncIterator]();
  let buffer = new Uint8Array(0);
  let used = 0;
  const fill = async (wanted: number): Promise<boolean> => {
    while (buffer.length - used < wanted) {
      const next = await iterator.next();
      if (next.done === true) return false;
      const { value } = next;
      const rest = buffer.subarray(used);
      const joined = new Uint8Array(rest.length + value.length);
      joined.set(rest);
      joined.set(value, rest.length);
      buffer = joined;
      used = 0;
    }
    return true;
  };
  return {
    async line() {
      for (let length = 1; length <= MAX_LINE; length++) {
        if (!(await fill(length))) return undefined;
        if (buffer[used + length - 1] === 0x0a) {
          const text = new TextDecoder("latin1").decode(buffer.subarray(used, used + length - 1));
          used += length;
          return text;
        }
      }
      return undefined;
    },
    async bytes(count) {
      if (!(await fill(count))) return undefined;
      used += count;
      return buffer.subarray(used - count, used);
    },
  };
}

/** Reads the header; the frames follow on demand. @throws AppError `damaged` or `unsupported`, naming the film. */
export async function readY4m(chunks: AsyncIterable<Uint8Array>, name: string): Promise<Y4mFilm> {
  const reader = createReader(chunks);
  const header = await reader.line();
  const [magic, ...tags] = header?.split(" ") ?? [];
  if (magic !== "YUV4MPEG2") {
    throw new AppError("damaged", `${name} does not begin like a YUV4MPEG2 film`, {
      hint: "Write it again with: ffmpeg -i film film.y4m",
    });
  }
  const tag = (letter: string): string | undefined => tags.find((text) => text.startsWith(letter))?.slice(1);
  const width = Number(tag("W"));
  const height = Number(tag("H"));
  const [frames = 0, seconds = 0] = (tag("F") ?? "").split(":").map(Number);
  if (!(width > 0 && height > 0 && frames > 0 && seconds > 0)) {
    throw new AppError("damaged", `${name}: its header lacks width, height or frame rate`, {
      hint: `It reads "${header ?? ""}".`,
    });
  }
  const color = tag("C") ?? "420";
  const extra = colorBytes(color, width, height);
  if (extra === undefined) {
    throw new AppError("unsupported", `${name} stores colors as "${color}"`, {
      hint: "Convert it to eight bits with: ffmpeg -i film -pix_fmt yuv420p film.y4m",
    });
  }
  return {
    width,
    height,
    frameUs: (1e6 * seconds) / frames,
    fullRange: color === "420jpeg" || tags.includes("XCOLORRANGE=FULL"),
    async *frames() {
      for (let index = 0; ; index++) {
        const line = await reader.line();
        if (line === undefined) return;
        if (!line.startsWith("FRAME")) {
          throw new AppError("damaged", `${name}: frame ${index} does not begin with FRAME`, {
            hint: "The film is damaged from here on.",
          });
        }
        const frame = await reader.bytes(width * height + extra);
        // A film cut off in the middle of a frame ends with the last whole one.
        if (frame === undefined) return;
        yield frame.subarray(0, width * height);
      }
    },
  };
}
