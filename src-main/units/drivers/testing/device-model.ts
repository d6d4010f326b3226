import type { Transcript } from "./transcript.ts";
import { bytesOf, hexOf } from "./transcript.ts";

/** How an emulated camera understands requests: the part behind the USB plug. `undefined` is a refused transfer. */
export interface DeviceModel {
  controlIn(setup: Uint8Array): Uint8Array | undefined;
  controlOut(setup: Uint8Array, data: Uint8Array): boolean;
  bulkOut(endpoint: number, data: Uint8Array): boolean;
  /** The next answer that waits on a command endpoint; `undefined` when there is none: the read times out. */
  bulkIn(endpoint: number): Uint8Array | undefined;
  /** Whether the sensor is sending now. */
  streaming(): boolean;
  /** Value of a register by the transcript's name for it: `"0x1004"` or `"1.3"`. */
  register(name: string): number | undefined;
}

/** Answers by the recorded dialogue: what is not a register. A request seen several times is answered in order, the last one stays. */
export class RecordedAnswers {
  readonly #control = new Map<string, string[]>();
  readonly #command = new Map<string, string[]>();
  readonly #strings: Readonly<Record<string, string>>;

  constructor(transcript: Transcript) {
    this.#strings = transcript.usb.strings;
    let sent = "";
    for (const step of transcript.steps) {
      if (step.kind === "control" && step.dir === "in")
        this.#remember(this.#control, (step.setup ?? "").slice(0, 12), step.reply ?? "");
      if (step.kind !== "bulk") continue;
      if (step.dir === "out") sent = step.data ?? "";
      else this.#remember(this.#command, sent, step.reply ?? "");
    }
    if (transcript.typeRequest !== undefined) {
      this.#control.set(transcript.typeRequest.setup.slice(0, 12), [transcript.typeRequest.reply]);
    }
  }

  #remember(where: Map<string, string[]>, request: string, reply: string): void {
    where.set(request, [...(where.get(request) ?? []), reply]);
  }

  #next(where: Map<string, string[]>, request: string): Uint8Array | undefined {
    const replies = where.get(request);
    const reply = replies !== undefined && replies.length > 1 ? replies.shift() : replies?.[0];
    return reply === undefined ? undefined : bytesOf(reply);
  }

  /** The answer to a control request; string descriptors that the dialogue does not ask for come from its list of strings. */
  control(setup: Uint8Array): Uint8Array | undefined {
    const recorded = this.#next(this.#control, hexOf(setup).slice(0, 12));
    const [requestType, request, index, kind] = setup;
    if (recorded !== undefined || requestType !== 0x80 || request !== 6 || kind !== 3) return recorded;
    if (index === 0) return bytesOf("04030904");
    const text = this.#strings[String(index)];
    return text === undefined ? undefined : new Uint8Array([2 + text.length * 2, 3, ...Buffer.from(text, "utf16le")]);
  }

  /** The answer to a command over bulk endpoints. */
  command(data: Uint8Array): Uint8Array | undefined {
    return this.#next(this.#command, hexOf(data));
  }
}
