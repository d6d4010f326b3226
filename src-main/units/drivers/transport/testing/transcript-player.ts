import { readFileSync } from "node:fs";
import { bytesOf, hexOf, type Transcript } from "#main/units/drivers/testing/transcript.ts";
import type { BulkStream, ControlSetup } from "../transport.ts";
import { systemUsb } from "../node-usb.ts";

/**
 * Does every step of a dialogue through the real USB library, and compares every answer: run under `umockdev-run` with the capture of
 * the same dialogue. Prints as JSON how many steps were done and which answers were others.
 */
const transcript = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Transcript;
const TIMEOUT_MS = 10_000;

const setupOf = (hex: string): ControlSetup & { readonly length: number } => {
  const view = new DataView(bytesOf(hex).buffer);
  return {
    requestType: view.getUint8(0),
    request: view.getUint8(1),
    value: view.getUint16(2, true),
    index: view.getUint16(4, true),
    length: view.getUint16(6, true),
  };
};

const [device] = await systemUsb.list();
if (device === undefined) throw new Error("no device is listed");
const transport = await device.open();
const streams = new Map<number, { readonly stream: BulkStream; readonly came: Uint8Array[]; news: () => void }>();
const wrong: string[] = [];
let played = 0;
for (const step of transcript.steps) {
  const endpoint = Number(step.ep ?? 0);
  const compare = (reply: Uint8Array): void => {
    if (hexOf(reply) !== (step.reply ?? "")) wrong.push(`step ${step.n}: ${hexOf(reply)} instead of ${step.reply}`);
  };
  switch (step.kind) {
    case "control": {
      const { length, ...setup } = setupOf(step.setup ?? "");
      if (step.dir === "in") compare(await transport.controlIn(setup, length));
      else await transport.controlOut(setup, bytesOf(step.data ?? ""));
      break;
    }
    case "bulk":
      if (step.dir === "in") compare(await transport.bulkIn(endpoint, step.length ?? 0, TIMEOUT_MS));
      else await transport.bulkOut(endpoint, bytesOf(step.data ?? ""), TIMEOUT_MS);
      break;
    case "submit": {
      const came: Uint8Array[] = [];
      const stream = transport.stream(endpoint, {
        transfers: step.count ?? 1,
        transferBytes: step.length ?? 0,
        onData: (bytes) => {
          came.push(bytes.slice());
          streams.get(endpoint)?.news();
        },
        onEnd: () => undefined,
      });
      streams.set(endpoint, { stream, came, news: () => undefined });
      break;
    }
    case "complete": {
      const own = streams.get(endpoint);
      if (own === undefined) throw new Error(`step ${step.n}: nothing was submitted`);
      if (own.came.length === 0) await new Promise<void>((resolve) => (own.news = resolve));
      compare(own.came.shift() ?? new Uint8Array(0));
      break;
    }
    case "cancel":
      await streams.get(endpoint)?.stream.stop();
      break;
    case "clearHalt":
      await transport.clearHalt(endpoint);
      break;
    case "claimInterface":
      await transport.claim(step.interface ?? 0);
      break;
    case "releaseInterface":
      await transport.release(step.interface ?? 0);
      break;
    default:
      // Pauses pass at once; draining reads what a capture does not hold; captures cannot set interfaces.
      continue;
  }
  played += 1;
}
await transport.close();
console.log(JSON.stringify({ played, wrong }));
