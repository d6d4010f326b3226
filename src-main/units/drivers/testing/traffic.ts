import type { Transcript, TranscriptStep } from "./transcript.ts";

/** One thing that a driver did to a camera. Bytes in hexadecimal, as in transcripts. */
export type Traffic =
  | { readonly kind: "control"; readonly dir: "in" | "out"; readonly setup: string; readonly data: string }
  | { readonly kind: "bulk"; readonly dir: "in" | "out"; readonly ep: number; readonly data: string }
  | { readonly kind: "claimInterface" | "releaseInterface" | "setInterface" }
  | { readonly kind: "clearHalt" | "submit" | "cancel"; readonly ep: number }
  | { readonly kind: "delay"; readonly us: number };

type Phase = TranscriptStep["phase"];

/** One action in a word, or `undefined` when its place in the order does not matter: answers, and questions that change nothing. */
function word(action: Traffic): string | undefined {
  switch (action.kind) {
    case "control":
      return action.dir === "in" ? undefined : `control ${action.setup} ${action.data}`.trim();
    case "bulk": {
      // Prophesee: only writes of registers change anything (property with the write flag, or the legacy frame).
      const changes = /^(02010140|56000000)/.test(action.data);
      return action.dir === "in" || !changes ? undefined : `bulk ${action.data}`;
    }
    case "delay":
      return undefined;
    case "clearHalt":
    case "submit":
    case "cancel":
      return `${action.kind} 0x${action.ep.toString(16)}`;
    default:
      return action.kind;
  }
}

function actionOf(step: TranscriptStep): Traffic | undefined {
  const ep = Number(step.ep ?? 0);
  switch (step.kind) {
    case "control":
      return { kind: "control", dir: step.dir ?? "out", setup: step.setup ?? "", data: step.data ?? "" };
    case "bulk":
      return { kind: "bulk", dir: step.dir ?? "out", ep, data: step.data ?? "" };
    case "delay":
      return { kind: "delay", us: step.us ?? 0 };
    case "clearHalt":
    case "submit":
    case "cancel":
      return { kind: step.kind, ep };
    case "claimInterface":
    case "releaseInterface":
    case "setInterface":
      return { kind: step.kind };
    default:
      return undefined;
  }
}

interface Ordered {
  readonly word: string;
  /** Pauses since the word before. */
  readonly waitedUs: number;
}

function ordered(actions: readonly Traffic[]): readonly Ordered[] {
  const result: Ordered[] = [];
  let waitedUs = 0;
  for (const action of actions) {
    if (action.kind === "delay") waitedUs += action.us;
    const said = word(action);
    if (said === undefined) continue;
    result.push({ word: said, waitedUs });
    waitedUs = 0;
  }
  return result;
}

/** What a transcript says a driver does, restricted to some phases. */
export function actionsOf(transcript: Transcript, phases?: readonly Phase[]): readonly Traffic[] {
  return transcript.steps.flatMap((step) => {
    const action = phases === undefined || phases.includes(step.phase) ? actionOf(step) : undefined;
    return action === undefined ? [] : [action];
  });
}

/**
 * Where traffic leaves the order of a transcript, in words; `undefined` when it keeps it. What changes the camera must be the same, in the
 * same order, with pauses that are at least as long. Reads may differ: a register model answers them.
 */
export function orderDifference(expected: readonly Traffic[], actual: readonly Traffic[]): string | undefined {
  const wanted = ordered(expected);
  const done = ordered(actual);
  for (let at = 0; at < Math.max(wanted.length, done.length); at++) {
    const want = wanted[at];
    const did = done[at];
    if (want?.word !== did?.word) return `action ${at}: expected "${want?.word ?? "the end"}", got "${did?.word ?? "the end"}"`;
    if ((did?.waitedUs ?? 0) < (want?.waitedUs ?? 0)) {
      return `action ${at} ("${want?.word}"): waited ${did?.waitedUs} µs before it instead of ${want?.waitedUs}`;
    }
  }
  return undefined;
}
