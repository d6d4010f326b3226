import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { AppError } from "#shared/api/errors.ts";
import { fileError } from "#main/lib/files.ts";
import { readY4m, type Y4mFilm } from "./y4m.ts";

/** An open film; closing it ends whatever decodes it. */
export interface OpenFilm extends Y4mFilm {
  close(): Promise<void>;
}

const REMEDY =
  "Install ffmpeg, or convert the film elsewhere (ffmpeg -i film film.y4m), or give a folder with its frames as PNG.";

/** The first bytes of a file. */
export async function headOf(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const head = new Uint8Array(16);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } catch (error) {
    throw fileError(error, path, "read");
  }
}

/** Whether a file begins like a YUV4MPEG2 film. */
export const isY4m = (head: Uint8Array): boolean => new TextDecoder("latin1").decode(head.subarray(0, 9)) === "YUV4MPEG2";

/** Opens a film: `.y4m` by ourselves, anything else through the system's ffmpeg. @throws AppError with the remedy. */
export async function openFilm(path: string, signal: AbortSignal, ffmpeg = "ffmpeg"): Promise<OpenFilm> {
  if (isY4m(await headOf(path))) {
    const stream = createReadStream(path);
    const film = await readY4m(stream as AsyncIterable<Uint8Array>, path);
    return {
      ...film,
      close: () => {
        stream.destroy();
        return Promise.resolve();
      },
    };
  }

  const child = spawn(
    ffmpeg,
    ["-nostdin", "-v", "error", "-i", path, "-map", "0:v:0", "-pix_fmt", "yuv420p", "-strict", "-1", "-f", "yuv4mpegpipe", "-"],
    {
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    },
  );
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const ended = new Promise<AppError | undefined>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.name === "AbortError") resolve(new AppError("aborted", `Reading ${path} was stopped`));
      else if (error.code === "ENOENT") {
        resolve(
          new AppError("unsupported", `${path} is a film that only ffmpeg can read, and ffmpeg is not installed`, {
            hint: REMEDY,
            cause: error,
          }),
        );
      } else resolve(fileError(error, path, "decode"));
    });
    child.once("close", (code) => {
      if (code === 0 || code === null) return resolve(undefined);
      const reason = complaint.trim().split("\n").at(-1) ?? "";
      resolve(
        new AppError("damaged", `${path} cannot be read as a film: ${reason === "" ? `ffmpeg ended with ${code}` : reason}`, {
          hint: REMEDY,
        }),
      );
    });
  });

  let film: Y4mFilm;
  try {
    film = await readY4m(child.stdout as AsyncIterable<Uint8Array>, path);
  } catch (error) {
    // No header: ffmpeg knows better why.
    child.kill("SIGKILL");
    throw (await ended) ?? error;
  }
  return {
    ...film,
    async *frames() {
      yield* film.frames();
      const failure = await ended;
      if (failure !== undefined) throw failure;
    },
    close: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
