import { describe, expect, it } from "vitest";
import type { ParamSpec } from "#shared/units/params.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { Driver } from "#main/units/drivers/driver.ts";
import { actionsOf, orderDifference } from "#main/units/drivers/testing/traffic.ts";
import { bytesOf, hasTranscripts, loadTranscript, type TranscriptId } from "#main/units/drivers/testing/transcript.ts";
import { madeFeed, onceFeed } from "#main/units/drivers/testing/wire-feed.ts";
import type { DriverParts } from "#main/units/drivers/session/open-device.ts";
import { bench, until } from "./bench.ts";

export interface DialogueCase {
  readonly transcript: TranscriptId;
  /** Parameters with which the driver does what the reference driver did. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly sensor: { readonly width: number; readonly height: number };
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const PULLS = 100;

/** What every driver of a Prophesee camera has to pass. */
export function describeDialogue<S extends ParamSpec>(
  create: (parts: DriverParts) => Driver<S>,
  cases: readonly DialogueCase[],
): void {
  describe.skipIf(!hasTranscripts).each(cases)("against $transcript (the dialogues are not at hand: skipped)", (one) => {
    const transcript = hasTranscripts ? loadTranscript(one.transcript) : undefined!;

    it("runs the whole dialogue, from open to streamed events and back to close", async () => {
      const sample = bytesOf(transcript.steps.find(({ kind }) => kind === "complete")?.reply ?? "");
      const { camera, open } = bench(create, { transcript, feed: onceFeed(sample) });
      const opened = await open(one.params);
      expect(opened.info.sensor).toEqual(one.sensor);
      expect(opened.encoding.id).toBe(one.encoding);
      expect(opened.metadata).toMatchObject(one.metadata);
      const received: number[] = [];
      const ends: unknown[] = [];
      opened.start(
        (chunk) => received.push(...chunk),
        (reason) => ends.push(reason),
      );
      await until(() => received.length === sample.length, "the sample arrives");
      expect(new Uint8Array(received)).toEqual(sample);
      await opened.stop();
      expect(orderDifference(actionsOf(transcript), camera.traffic)).toBeUndefined();
      expect([camera.held(), camera.violations, ends]).toEqual([[], [], []]);
    });

    it("hands on every byte at full rate, also when transfers are cut anywhere", async () => {
      const random = seeded(11);
      const part = Uint8Array.from({ length: 1 << 16 }, () => Math.floor(random() * 256));
      const parts = 128;
      const feed = madeFeed((at) => (at < parts ? part : undefined));
      const { open, camera } = bench(create, { transcript, feed, faults: { shortReads: true } });
      const opened = await open(one.params);
      let length = 0;
      let wrong = 0;
      opened.start(
        (chunk) => {
          for (const byte of chunk) wrong += byte === part[length++ & 0xffff] ? 0 : 1;
        },
        () => undefined,
      );
      await until(() => length === parts * part.length, "everything arrives");
      await opened.stop();
      expect([wrong, camera.lostBytes, camera.held()]).toEqual([0, 0, []]);
    });

    it(`is unplugged at ${PULLS} moments: no hang, nothing held, one clear end`, async () => {
      const whole = bench(create, { transcript, feed: madeFeed(() => new Uint8Array(512)) });
      const calm = await whole.open(one.params);
      calm.start(
        () => undefined,
        () => undefined,
      );
      await until(() => whole.camera.model.streaming(), "it streams");
      await calm.stop();
      const random = seeded(23);
      for (let pull = 0; pull < PULLS; pull++) {
        const { camera, driver, params } = bench(create, { transcript, feed: madeFeed(() => new Uint8Array(512)) });
        camera.faults.cancelledOnUnplug = pull % 2 === 1;
        const [device] = await driver.list();
        camera.faults.unplugAtCall = camera.calls + 1 + Math.floor(random() * (whole.camera.calls - camera.calls));
        const ends: unknown[] = [];
        let failure: unknown;
        try {
          const opened = await driver.open(device!.id, params(one.params));
          opened.start(
            () => undefined,
            (reason) => ends.push(reason),
          );
          await until(() => ends.length > 0 || camera.model.streaming(), "it streams or ends");
          await opened.stop();
        } catch (error) {
          failure = error;
        }
        if (failure !== undefined) expect(failure).toMatchObject({ code: "camera-gone" });
        if (ends.length > 0) expect(ends).toMatchObject([{ code: "camera-gone" }]);
        expect(camera.held()).toEqual([]);
        expect(camera.violations).toEqual([]);
      }
    });

    it("is unplugged while it streams: says so once, and changes are refused afterwards", async () => {
      const { camera, open, params } = bench(create, { transcript, feed: madeFeed(() => new Uint8Array(4096)) });
      const opened = await open(one.params);
      const ends: unknown[] = [];
      const heldAtEnd: unknown[] = [];
      let chunks = 0;
      opened.start(
        () => (chunks += 1),
        (reason) => {
          ends.push(reason);
          heldAtEnd.push(...camera.held());
        },
      );
      await until(() => chunks > 3, "data comes");
      camera.unplug();
      await until(() => ends.length > 0, "the end is told");
      await expect(opened.update(params({ triggerIn: true }), params({ triggerIn: false }))).rejects.toMatchObject({
        code: "camera-gone",
      });
      await opened.stop();
      // Told when everything has been given back: it can be opened again at once.
      expect(heldAtEnd).toEqual([]);
      expect(ends).toMatchObject([{ code: "camera-gone", message: expect.stringContaining("was unplugged") as string }]);
      expect(camera.held()).toEqual([]);
    });
  });
}
