import { extname } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { openFile, type ByteSource } from "#main/lib/files.ts";
import type { Codec, OpenRecording } from "./codec.ts";
import { codecs } from "./index.ts";
import { parseHeader } from "./prophesee-raw/header.ts";
import { recognize } from "./signatures.ts";

const HEAD_BYTES = 4096;

/** An open recording with what is known about its file. */
export interface OpenedRecording {
  readonly codec: Codec;
  readonly bytes: number;
  readonly recording: OpenRecording;
}

function unknown(file: ByteSource, head: Uint8Array): AppError {
  const found =
    recognize(head) ??
    (parseHeader(head).length > 0
      ? "a file with Prophesee-like header lines but another format (DAT?)"
      : "bytes of no known format");
  const expected = codecs.map(({ label, extensions }) => `${label} (${extensions.join(", ")})`).join(" or ");
  return new AppError(
    "unknown-format",
    `${file.name} is not a recording that can be read: found ${found}, expected ${expected}`,
    {
      hint: "Convert it to one of these formats first.",
    },
  );
}

/**
 * Opens a recording whatever its name: the content decides, the name only where the content leaves a choice.
 * @throws AppError `not-found`, `denied`, `empty`, `unknown-format`, `unsupported`, `damaged`; the file is closed again.
 */
export async function openRecording(path: string): Promise<OpenedRecording> {
  const file = await openFile(path);
  try {
    if (file.size === 0) throw new AppError("empty", `${path} is empty: it has 0 bytes`, { hint: "Fetch or record it again." });
    const head = await file.read(0, HEAD_BYTES, new Uint8Array(Math.min(HEAD_BYTES, file.size)));
    const fitting = codecs.filter((codec) => codec.probe(head, path, file.size));
    const named = fitting.filter(({ extensions }) => extensions.includes(extname(path).toLowerCase()));
    const codec = named[0] ?? fitting[0];
    if (codec === undefined) throw unknown(file, head);
    return { codec, bytes: file.size, recording: await codec.open(file) };
  } catch (error) {
    await file.close();
    throw error;
  }
}
