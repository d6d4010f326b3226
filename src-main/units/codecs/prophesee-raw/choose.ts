import { AppError } from "#shared/api/errors.ts";
import { evt2 } from "#main/units/encodings/evt2/evt2.ts";
import { evt21, evt21Legacy } from "#main/units/encodings/evt21/evt21.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { evt4 } from "#main/units/encodings/evt4/evt4.ts";
import type { Encoding } from "#main/units/encodings/encoding.ts";
import type { PropheseeHeader } from "../prophesee/header.ts";
import { payloadOf, type Payload } from "./header.ts";
import { fitsEvt21, looksLikeEvt2, looksLikeEvt3, orderOfEvt21 } from "./plausible.ts";

/** What the words of a file are, and what has to be said about it. */
export interface Choice {
  readonly encoding: Encoding;
  readonly remark?: string;
}

/** The encoding that words without a name are; `undefined` when they look like none. */
export function encodingOfWords(words: Uint8Array): Encoding | undefined {
  if (looksLikeEvt3(words)) return evt3;
  if (looksLikeEvt2(words)) return evt2;
  const order = orderOfEvt21(words);
  return order === undefined ? undefined : order === "little" ? evt21 : evt21Legacy;
}

/** EVT 2.1: what the words say counts more than what the header says, and that more than what the camera board makes likely. */
function chooseEvt21({ order, boardOrder }: Payload, words: Uint8Array): Choice {
  const [little, legacy] = [fitsEvt21(words, 4), fitsEvt21(words, 0)];
  const found = little === legacy ? undefined : little ? "little" : "legacy";
  const chosen = found ?? order ?? boardOrder ?? "little";
  const encoding = chosen === "little" ? evt21 : evt21Legacy;
  if (order !== undefined && order !== chosen) {
    return { encoding, remark: `the header says “endianness=${order}”, the words are in the order “${chosen}”` };
  }
  if (order !== undefined) return { encoding };
  const why = found === undefined ? (boardOrder === undefined ? "usual today" : "of this camera board") : "of the words";
  return { encoding, remark: `the header gives no order of EVT 2.1 words: taken for “${chosen}”, the order ${why}` };
}

/** The encoding that a header names; `undefined` when it names none that is known. */
export function namedEncoding(payload: Payload, words: Uint8Array): Choice | undefined {
  if (payload.encoding === "EVT2") return { encoding: evt2 };
  if (payload.encoding === "EVT3") return { encoding: evt3 };
  if (payload.encoding === "EVT21") return chooseEvt21(payload, words);
  if (payload.encoding !== "EVT4") return undefined;
  return { encoding: evt4, remark: "EVT 4.0 is read as the vendor's decoder does; it has not been checked against a recording" };
}

/** The encoding of a payload that begins with `words`. @throws AppError `unknown-format`. */
export function chooseEncoding(name: string, header: PropheseeHeader, words: Uint8Array): Choice {
  const payload = payloadOf(header);
  const named = namedEncoding(payload, words);
  if (named !== undefined) return named;
  const says =
    header.length === 0
      ? "there is no header"
      : payload.encoding === undefined
        ? "the header does not name its encoding"
        : `the header names the encoding “${payload.encoding}”`;
  const encoding = encodingOfWords(words);
  if (encoding !== undefined) return { encoding, remark: `${says}: taken for ${encoding.label} because of its words` };
  throw new AppError("unknown-format", `${name} cannot be read: ${says}, and the data is not EVT 2.0, 2.1 or 3.0`, {
    hint: "Expected a line like “% evt 3.0” in the header.",
  });
}
