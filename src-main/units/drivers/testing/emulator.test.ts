import { describe, expect, it } from "vitest";
import type { BulkStream, StreamEnd, Transport } from "../transport/transport.ts";
import { EmulatedCamera } from "./emulated-camera.ts";
import { actionsOf, orderDifference } from "./traffic.ts";
import { bytesOf, hasTranscripts, hexOf, loadTranscript, transcriptIds, type Transcript } from "./transcript.ts";
import { onceFeed } from "./wire-feed.ts";

const setupOf = (hex: string) => {
  const view = new DataView(bytesOf(hex).buffer);
  return {
    requestType: view.getUint8(0),
    request: view.getUint8(1),
    value: view.getUint16(2, true),
    index: view.getUint16(4, true),
  };
};

/** Does what the reference driver did, step by step, and tells where an answer differs from the recorded one. */
async function replay(camera: EmulatedCamera, transport: Transport, transcript: Transcript): Promise<readonly string[]> {
  const differences: string[] = [];
  const received = new Map<number, number[]>();
  const streams = new Map<number, BulkStream>();
  const check = (n: number, reply: string | undefined, got: Uint8Array): void => {
    if (reply !== undefined && hexOf(got) !== reply) differences.push(`step ${n}: ${hexOf(got)} instead of ${reply}`);
  };
  for (const step of transcript.steps) {
    const ep = Number(step.ep ?? 0);
    if (step.kind === "claimInterface") await transport.claim(0);
    if (step.kind === "setInterface") await transport.setInterface(0, 0);
    if (step.kind === "releaseInterface") await transport.release(0);
    if (step.kind === "clearHalt") await transport.clearHalt(ep);
    if (step.kind === "delay") await camera.pause(step.us ?? 0);
    if (step.kind === "control" && step.dir === "out") await transport.controlOut(setupOf(step.setup!), bytesOf(step.data ?? ""));
    if (step.kind === "control" && step.dir === "in")
      check(step.n, step.reply, await transport.controlIn(setupOf(step.setup!), step.length ?? 0));
    if (step.kind === "bulk" && step.dir === "out") await transport.bulkOut(ep, bytesOf(step.data ?? ""), 1000);
    if (step.kind === "bulk" && step.dir === "in") check(step.n, step.reply, await transport.bulkIn(ep, step.length ?? 0, 1000));
    if (step.kind === "submit") {
      const bytes: number[] = [];
      received.set(ep, bytes);
      const onData = (part: Uint8Array): unknown => bytes.push(...part);
      streams.set(ep, transport.stream(ep, { transfers: 4, transferBytes: 1024, onData, onEnd: () => undefined }));
    }
    if (step.kind === "complete") {
      const bytes = received.get(ep) ?? [];
      const end = performance.now() + 20_000;
      while (bytes.length < (step.reply ?? "").length / 2 && performance.now() < end) await new Promise(setImmediate);
      check(step.n, step.reply, new Uint8Array(bytes));
    }
    if (step.kind === "cancel") await streams.get(ep)?.stop();
  }
  return differences;
}

describe.skipIf(!hasTranscripts)("cameras made of transcripts (the dialogues are not at hand: skipped)", () => {
  it.each(transcriptIds)("%s answers the reference driver as recorded, from open to close", async (id) => {
    const transcript = loadTranscript(id);
    const feeds = Object.fromEntries(
      transcript.steps.flatMap(({ kind, ep, reply }) =>
        kind === "complete" ? [[Number(ep), onceFeed(bytesOf(reply ?? ""))]] : [],
      ),
    );
    const events = transcript.usb.endpoints.find(({ role }) => role === "event stream");
    const feed = feeds[Number(events?.address)];
    const camera = new EmulatedCamera({ transcript, feeds, ...(feed === undefined ? {} : { feed }) });
    const transport = await camera.device.open();
    expect(await replay(camera, transport, transcript)).toEqual([]);
    await transport.close();
    expect(camera.held()).toEqual([]);
    expect(camera.violations).toEqual([]);
    expect(orderDifference(actionsOf(transcript), camera.traffic)).toBeUndefined();
  });

  it("tells where a driver leaves the order, leaves something out or does not wait", () => {
    const expected = actionsOf(loadTranscript("prophesee-evk4-imx636"));
    expect(orderDifference(expected, expected.toReversed())).toMatch(/expected "claimInterface", got "releaseInterface"/);
    expect(orderDifference(expected, expected.slice(0, -1))).toMatch(/got "the end"/);
    expect(
      orderDifference(
        expected,
        expected.filter(({ kind }) => kind !== "delay"),
      ),
    ).toMatch(/waited 0 µs/);
  });
});

describe.skipIf(!hasTranscripts)("faults of emulated cameras (the dialogues are not at hand: skipped)", () => {
  const opened = async (options: Partial<ConstructorParameters<typeof EmulatedCamera>[0]> = {}) => {
    const transcript = loadTranscript("inivation-dvs128");
    const camera = new EmulatedCamera({ transcript, ...options });
    const transport = await camera.device.open();
    await transport.claim(0);
    const chunks: Uint8Array[] = [];
    const ends: StreamEnd[] = [];
    const stream = transport.stream(0x86, {
      transfers: 4,
      transferBytes: 512,
      onData: (bytes) => chunks.push(bytes.slice()),
      onEnd: (end) => ends.push(end),
    });
    await transport.controlOut({ requestType: 0x40, request: 0xb3, value: 0, index: 0 }, new Uint8Array(0));
    return { camera, transport, stream, chunks, ends };
  };
  const until = async (done: () => boolean): Promise<void> => {
    // A busy machine is no failure, a hang is.
    const end = performance.now() + 20_000;
    while (!done() && performance.now() < end) await new Promise(setImmediate);
    expect(done()).toBe(true);
  };
  const numbers = Uint8Array.from({ length: 10_000 }, (_, at) => at % 251);
  const joined = (chunks: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));

  it("sends everything in order, in reads of any length", async () => {
    const { chunks, stream, transport, camera } = await opened({ feed: onceFeed(numbers), faults: { shortReads: true } });
    await until(() => joined(chunks).length === numbers.length);
    expect(joined(chunks)).toEqual(numbers);
    expect(chunks.some((chunk) => chunk.length % 4 !== 0)).toBe(true);
    await stream.stop();
    await transport.release(0);
    await transport.close();
    expect(camera.held()).toEqual([]);
  });

  it.each([false, true])("is unplugged in mid-stream (others cancelled, as on macOS: %s)", async (cancelledOnUnplug) => {
    const { camera, ends, transport, stream } = await opened({ feed: onceFeed(numbers), faults: { cancelledOnUnplug } });
    let detached = 0;
    transport.onDetach(() => (detached += 1));
    camera.unplug();
    await until(() => ends.length === 1 && detached === 1);
    expect(ends[0]).toMatchObject({ cause: "gone", error: { code: "camera-gone" } });
    await stream.stop();
    await expect(transport.controlIn({ requestType: 0xc0, request: 1, value: 0, index: 0 }, 2)).rejects.toMatchObject({
      code: "camera-gone",
    });
    await transport.close();
    expect(camera.held()).toEqual([]);
    expect(await camera.bus.list()).toEqual([]);
  });

  it("stalls, is cleared and streams again", async () => {
    const { camera, ends, transport } = await opened({ feed: onceFeed(numbers) });
    camera.stall(0x86);
    await until(() => ends.length === 1);
    expect(ends[0]).toMatchObject({ cause: "stalled" });
    await transport.clearHalt(0x86);
    const again: number[] = [];
    const stream = transport.stream(0x86, {
      transfers: 2,
      transferBytes: 512,
      onData: (b) => again.push(...b),
      onEnd: () => undefined,
    });
    await until(() => again.length > 0);
    await stream.stop();
  });

  it("loses what nobody reads, and corrupts what it is told to", async () => {
    const { chunks, stream, camera } = await opened({ feed: onceFeed(numbers), faults: { corrupt: 0.5 } });
    await until(() => joined(chunks).length === numbers.length);
    expect(joined(chunks)).not.toEqual(numbers);
    await stream.stop();
    expect(camera.lostBytes).toBe(0);
  });
});
