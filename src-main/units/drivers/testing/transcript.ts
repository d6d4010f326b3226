import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { sharedTranscripts } from "#main/lib/testing/shared-cameras.ts";

/** One line of a dialogue. Which fields are there depends on `kind`. */
export interface TranscriptStep {
  readonly n: number;
  readonly phase: "identify" | "power-cycle" | "configure" | "start" | "stream" | "stop" | "close";
  readonly kind:
    | "control"
    | "bulk"
    | "submit"
    | "complete"
    | "cancel"
    | "claimInterface"
    | "releaseInterface"
    | "setInterface"
    | "clearHalt"
    | "drain"
    | "delay";
  readonly dir?: "in" | "out";
  /** "0x82" and the like. */
  readonly ep?: string;
  /** Eight bytes in hexadecimal: request type, request, value, index, length. */
  readonly setup?: string;
  /** Hexadecimal: what goes out, and what comes in. */
  readonly data?: string;
  readonly reply?: string;
  readonly length?: number;
  /** Of queued reads: how many, and of which kind. */
  readonly count?: number;
  readonly type?: "bulk" | "interrupt";
  readonly us?: number;
  readonly interface?: number;
  readonly alternate?: number;
}

/** One runtime setting of a Prophesee camera as the vendor's driver writes it: reads and writes of registers. */
export type RegisterAccess = readonly ["R" | "W", ...string[]];

/** A recorded dialogue between a reference driver and a camera. */
export interface Transcript {
  readonly id: string;
  readonly camera: { readonly name: string; readonly width: number; readonly height: number; readonly dataFormat: string };
  readonly usb: {
    readonly ids: readonly string[];
    readonly speed: string;
    readonly bcdDevice: string;
    readonly endpoints: readonly {
      readonly address: string;
      readonly dir: "in" | "out";
      readonly type: "bulk" | "interrupt";
      readonly maxPacket: number;
      readonly role: string;
    }[];
    /** By number. Prophesee: 1 maker, 2 product; iniVation: 3 serial number. */
    readonly strings: Readonly<Record<string, string>>;
    /** Hexadecimal. */
    readonly deviceDescriptor: string;
    readonly configDescriptor: string;
  };
  readonly typeRequest?: { readonly setup: string; readonly reply: string };
  readonly registerModel?: {
    readonly reset: Readonly<Record<string, string | { readonly name: string; readonly value: number }>>;
  };
  readonly steps: readonly TranscriptStep[];
  readonly controls?: Readonly<Record<string, readonly unknown[]>>;
  readonly eventSamples?: readonly { readonly data: string; readonly format: string; readonly decoded: readonly unknown[] }[];
}

/** Every dialogue over USB. */
export const transcriptIds = [
  "prophesee-evk4-imx636",
  "prophesee-evk4-imx636-direct",
  "prophesee-evk3-hd-gen41",
  "prophesee-evk3-hd-gen41-legacy",
  "prophesee-evk3-320-genx320mp",
  "prophesee-evk3-320-genx320es",
  "inivation-davis346",
  "inivation-dvxplorer",
  "inivation-dvxplorer-mini-fw8",
  "inivation-dvxplorer-mini-fw10",
  "inivation-dvs128",
] as const;
export type TranscriptId = (typeof transcriptIds)[number];

/** Whether the dialogues are at hand: tests that need them are skipped by name where they are not. */
export const hasTranscripts = sharedTranscripts() !== undefined;

const loaded = new Map<TranscriptId, Transcript>();

/** Reads a dialogue in place. */
export function loadTranscript(id: TranscriptId): Transcript {
  const known = loaded.get(id);
  if (known !== undefined) return known;
  const folder = sharedTranscripts();
  if (folder === undefined) throw new Error("the camera dialogues are not at hand");
  const transcript = JSON.parse(readFileSync(resolve(folder, `${id}.json`), "utf8")) as Transcript;
  loaded.set(id, transcript);
  return transcript;
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
export const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
