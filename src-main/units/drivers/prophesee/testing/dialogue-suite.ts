import { describe, expect, it } from "vitest";
import type { ParamSpec } from "#shared/units/params.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { Driver } from "#main/units/drivers/driver.ts";
import { actionsOf, orderDifference } from "#main/units/drivers/testing/traffic.ts";
import { bytesOf, hasTranscripts, loadTranscript, type TranscriptId } from "#main/units/drivers/testing/transcript.ts";
import { madeFeed, onceFeed } from "#main/units/drivers/testing/wire-feed.ts";
import type { DriverParts } from "#main/units/drivers/session/open-device.ts";
import { bench, until } from "#main/units/drivers/testing/bench.ts";
import { itsUnplugging } from "#main/units/drivers/testing/unplug-suite.ts";

export interface DialogueCase {
  readonly transcript: TranscriptId;
  /** Parameters with which the driver does what the reference driver did. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly sensor: { readonly width: number; readonly height: number };
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
}

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

    itsUnplugging(create, { transcript, params: one.params, change: { triggerIn: true } });
  });
}
