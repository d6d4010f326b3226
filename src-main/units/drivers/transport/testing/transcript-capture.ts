import { bytesOf, type Transcript } from "#main/units/drivers/testing/transcript.ts";
import { captureOf, type Urb } from "./usbmon.ts";

/** Every transfer of a dialogue as the capture of a USB monitor would have it. Reads that are cancelled just never come back. */
export function transcriptCapture(transcript: Transcript, busNumber: number, deviceNumber: number): Uint8Array {
  const nothing = new Uint8Array(0);
  const urbs: Urb[] = [];
  /** Numbers of the reads under way, by endpoint. */
  const waiting = new Map<number, { readonly ids: number[]; readonly urb: Omit<Urb, "id" | "event" | "data"> }>();
  let ids = 0;
  const whole = (urb: Omit<Urb, "id" | "event" | "data">, out: Uint8Array, reply: Uint8Array): void => {
    const id = ++ids;
    urbs.push({ ...urb, id, event: "S", data: out }, { ...urb, id, event: "C", data: reply });
  };
  for (const step of transcript.steps) {
    const out = bytesOf(step.data ?? "");
    const reply = bytesOf(step.reply ?? "");
    const endpoint = Number(step.ep ?? 0);
    if (step.kind === "control") {
      const setup = bytesOf(step.setup ?? "");
      const lengthBytes = (setup[6] ?? 0) | ((setup[7] ?? 0) << 8);
      whole({ type: "control", endpoint: step.dir === "in" ? 0x80 : 0, setup, lengthBytes }, out, reply);
    } else if (step.kind === "bulk") {
      whole({ type: "bulk", endpoint, lengthBytes: step.dir === "in" ? (step.length ?? reply.length) : out.length }, out, reply);
    } else if (step.kind === "submit") {
      const urb = { type: step.type ?? "bulk", endpoint, lengthBytes: step.length ?? 0 } as const;
      const own = Array.from({ length: step.count ?? 1 }, () => ++ids);
      for (const id of own) urbs.push({ ...urb, id, event: "S", data: nothing });
      waiting.set(endpoint, { ids: own, urb });
    } else if (step.kind === "complete") {
      const read = waiting.get(endpoint);
      const id = read?.ids.shift();
      if (read !== undefined && id !== undefined) urbs.push({ ...read.urb, id, event: "C", data: reply });
    }
  }
  return captureOf(urbs, busNumber, deviceNumber);
}
