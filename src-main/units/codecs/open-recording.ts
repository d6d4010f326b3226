import { extname } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { openFile, type ByteSource } from "#main/lib/files.ts";
import type { Codec, OpenRecording } from "./codec.ts";
import { codecs } from "./index.ts";
import { rememberedAnswers } from "./answers.ts";
import type { Answers } from "./reading.ts";
import { countedFromOne, orientationWith, upright, withOrientation } from "./upright.ts";
import { parseHeader } from "./prophesee/header.ts";
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
    (parseHeader(head).length > 0 ? "a file with Prophesee-like header lines but another format" : "bytes of no known format");
  const expected = codecs.map(({ label, extensions }) => `${label} (${extensions.join(", ")})`).join(" or ");
  return new AppError(
    "unknown-format",
    `${file.name} is not a recording that can be read: found ${found}, expected ${expected}`,
    {
      hint: "Convert it to one of these formats first.",
    },
  );
}

/** How a recording is to be read. */
export interface OpenOptions {
  /** Coordinates and polarities as they lie in the file; otherwise origin top left and 1 = ON. */
  readonly asStored?: boolean;
  /** What the user says now; it outdoes what was remembered about the file. */
  readonly answers?: Answers;
}

/** Codecs that take these bytes, the one of the file's extension first. */
async function codecsFor(file: ByteSource, head: Uint8Array): Promise<readonly Codec[]> {
  const fitting: Codec[] = [];
  for (const codec of codecs) {
    if (!codec.probe(head, file.name, file.size)) continue;
    if (codec.accepts === undefined || (await codec.accepts(file))) fitting.push(codec);
  }
  const extension = extname(file.name).toLowerCase();
  return [...fitting.filter(({ extensions }) => extensions.includes(extension)), ...fitting];
}

/**
 * Opens a recording whatever its name: the content decides, the name only where the content leaves a choice.
 * @throws AppError `not-found`, `denied`, `empty`, `unknown-format`, `unsupported`, `damaged`; the file is closed again.
 */
export async function openRecording(path: string, { asStored = false, ...given }: OpenOptions = {}): Promise<OpenedRecording> {
  const answers = { ...(await rememberedAnswers(path)), ...given.answers };
  const file = await openFile(path);
  try {
    if (file.size === 0) throw new AppError("empty", `${path} is empty: it has 0 bytes`, { hint: "Fetch or record it again." });
    const head = await file.read(0, HEAD_BYTES, new Uint8Array(Math.min(HEAD_BYTES, file.size)));
    const [codec] = await codecsFor(file, head);
    if (codec === undefined) throw unknown(file, head);
    const stored = await codec.open(file, answers);
    const turned = withOrientation(stored, orientationWith(stored.orientation, answers));
    return { codec, bytes: file.size, recording: asStored ? countedFromOne(turned) : upright(turned) };
  } catch (error) {
    await file.close();
    throw error;
  }
}
