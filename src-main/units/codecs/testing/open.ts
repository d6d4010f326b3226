import type { ByteSource } from "#main/lib/files.ts";
import type { Codec, OpenRecording } from "../codec.ts";
import { upright } from "../upright.ts";

/** Opens with one codec, upright, as `openRecording` does once it has chosen the codec. */
export const openForTest = async (codec: Codec, file: ByteSource): Promise<OpenRecording> => upright(await codec.open(file));
