import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { discScene } from "../testing/disc-scene.ts";
import { EmulatedCamera, type EmulatedFaults } from "../testing/emulated-camera.ts";
import { eventDigest } from "../testing/event-digest.ts";
import { ownCameraIds, ownCameras, type OwnCameraId } from "../testing/own-cameras.ts";
import { sceneFeed } from "../testing/scene-feed.ts";
import type { MockedRun } from "./testing/mocked-run.ts";
import { buildBridge, hasProgrammable, runMocked, testFolder } from "./testing/mocked-system.ts";

/** How long the longest stream lasts, s. */
const STREAM_S = Number(process.env["SACCADE_STREAM_S"] ?? 2);
const STREAM_EVENTS_PER_SECOND = 1_000_000;
/** So much waits in the camera when this machine is too busy to fetch it: what is tested is the way, not the machine. */
const PATIENT_BYTES = 256 * 1024 * 1024;
const EVENTS_IN = 0x81;

let folder = "";
let bridge = "";
let remove = (): Promise<void> => Promise.resolve();
beforeAll(async () => {
  if (!hasProgrammable) return;
  const made = await testFolder();
  folder = made.path;
  remove = made.remove;
  bridge = await buildBridge(folder);
});
afterAll(() => remove());

interface Setup {
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly faults?: EmulatedFaults;
}

/** A camera that sends a wandering disc for some time. */
function sending(id: OwnCameraId, { seconds, eventsPerSecond, faults }: Setup) {
  const { transcript, model, encoding, driver } = ownCameras[id];
  const durationUs = seconds * 1e6;
  const feed = sceneFeed({ encoding, sensor: transcript.camera, eventsPerSecond, durationUs });
  const camera = new EmulatedCamera({ transcript, model: model(), feed, fifoBytes: PATIENT_BYTES, ...(faults && { faults }) });
  /** Ends the run when everything has been sent. */
  const tellWhenDone = (tell: (line: string) => void): void => {
    if (feed.done) tell(String(feed.sentBytes));
  };
  const expected = (): { readonly events: number; readonly eventDigest: string } => {
    const put = eventDigest();
    const scene = discScene(transcript.camera, eventsPerSecond);
    for (let t = 100_000; t <= durationUs; t += 100_000) put.add(scene.next(t));
    return { events: put.events, eventDigest: put.digest() };
  };
  const go = (what: Partial<MockedRun> = {}, more: Partial<Parameters<typeof runMocked>[2]> = {}) =>
    runMocked(camera, { driver, until: "told", ...what }, { bridge, folder, streamS: seconds, watch: tellWhenDone, ...more });
  return { camera, feed, expected, go };
}

describe.skipIf(!hasProgrammable)("emulated cameras through the real USB library (umockdev is not at hand: skipped)", () => {
  it.each(ownCameraIds)("%s: opened, streamed, closed; events out are events in", async (id) => {
    const { camera, feed, expected, go } = sending(id, { seconds: 0.3, eventsPerSecond: 100_000 });
    const seen = await go();
    expect(seen.failure ?? seen.end).toBeUndefined();
    expect(seen.listed).toMatchObject([{ driver: ownCameras[id].driver, state: "ready" }]);
    expect([seen.length, seen.digest]).toEqual([feed.sentBytes, feed.digest()]);
    expect({ events: seen.events, eventDigest: seen.eventDigest }).toEqual(expected());
    expect([seen.dropped, seen.gaps, camera.lostBytes, camera.violations, camera.held()]).toEqual([0, 0, 0, [], []]);
    expect(camera.model.streaming()).toBe(false);
  });

  it(
    `streams for ${STREAM_S} s without loss or reordering`,
    async () => {
      const { camera, feed, expected, go } = sending("evk4", { seconds: STREAM_S, eventsPerSecond: STREAM_EVENTS_PER_SECOND });
      const seen = await go();
      expect(seen.failure ?? seen.end).toBeUndefined();
      expect([seen.length, seen.digest]).toEqual([feed.sentBytes, feed.digest()]);
      expect({ events: seen.events, eventDigest: seen.eventDigest }).toEqual(expected());
      expect(seen.events).toBe(STREAM_S * STREAM_EVENTS_PER_SECOND);
      expect([seen.dropped, seen.gaps, camera.lostBytes]).toEqual([0, 0, 0]);
    },
    180_000 + 2000 * STREAM_S,
  );

  it("brings every event also when transfers are cut anywhere", async () => {
    const { feed, expected, go } = sending("davis346", { seconds: 0.2, eventsPerSecond: 50_000, faults: { shortReads: true } });
    const seen = await go();
    expect([seen.length, seen.digest]).toEqual([feed.sentBytes, feed.digest()]);
    expect(seen.eventDigest).toBe(expected().eventDigest);
  });

  it.each(["evk4", "dvxplorer"] as const)(
    "%s is unplugged while it streams: one clear end, and gone from the list",
    async (id) => {
      const { camera, feed, go } = sending(id, { seconds: 60, eventsPerSecond: 100_000 });
      const watch = (): void => {
        if (feed.sentEvents > 20_000) camera.unplug();
      };
      const seen = await go({ until: "end" }, { watch });
      expect(seen.failure).toBeUndefined();
      expect(seen.end).toMatchObject({ code: "camera-gone", message: expect.stringMatching(/was unplugged/) as string });
      expect(seen.events).toBeGreaterThan(0);
      expect(seen.listedAfter).toEqual([]);
      expect(camera.held()).toEqual([]);
    },
  );

  it("is unplugged while it is opened: says so", async () => {
    const { camera, go } = sending("dvxplorer", { seconds: 1, eventsPerSecond: 1000, faults: { unplugAtCall: 60 } });
    const seen = await go({}, { watch: () => undefined });
    expect(seen.failure).toMatchObject({ code: "camera-gone" });
    expect([seen.listedAfter, camera.held()]).toEqual([[], []]);
  });

  it("goes on after a halted endpoint, and counts the break", async () => {
    const { camera, feed, go } = sending("evk4", { seconds: 60, eventsPerSecond: 100_000 });
    let halted = 0;
    let eventsAtHalt = 0;
    const watch = (tell: (line: string) => void): void => {
      if (halted === 0 && feed.sentEvents > 20_000) {
        halted = 1;
        eventsAtHalt = feed.sentEvents;
        camera.stall(EVENTS_IN);
      } else if (halted === 1 && feed.sentEvents > 2 * eventsAtHalt) {
        halted = 2;
        tell(String(feed.sentBytes / 2));
      }
    };
    const seen = await go({}, { watch });
    expect(seen.failure ?? seen.end).toBeUndefined();
    expect(seen.dropped).toBe(1);
    expect(seen.gaps).toBe(1);
    expect(seen.events).toBeGreaterThan(eventsAtHalt / 2);
    expect(camera.traffic.filter(({ kind }) => kind === "clearHalt")).toHaveLength(2);
  });

  it("tells of a camera that does not answer", async () => {
    const { camera, go } = sending("evk4", { seconds: 1, eventsPerSecond: 1000, faults: { mute: true } });
    const seen = await go();
    expect(seen.listed).toMatchObject([{ state: "unknown", reason: expect.stringMatching(/did not answer/) as string }]);
    expect(camera.held()).toEqual([]);
  });

  it.each([
    ["deny", "denied", /no permission to open Prophesee/, /ATTR\{idVendor\}=="04b4", ATTR\{idProduct\}=="00f5"/],
    ["busy", "busy", /Another program uses Prophesee/, /Close the other program/],
  ] as const)("tells of a camera that it may not have (%s)", async (fault, state, reason, remedy) => {
    const { go } = sending("evk4", { seconds: 1, eventsPerSecond: 1000 });
    const seen = await go({}, { fault });
    expect(seen.listed).toMatchObject([{ state }]);
    const [listed] = seen.listed as readonly { readonly reason: string; readonly remedy: string }[];
    expect(listed?.reason).toMatch(reason);
    expect(listed?.remedy).toMatch(remedy);
    expect(seen.failure).toMatchObject({ code: state });
  });
});
