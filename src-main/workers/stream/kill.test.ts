import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { killedCameras, killRecording } from "./testing/kill-recording.ts";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "saccade-kills-"))));
afterAll(() => rm(folder, { recursive: true }));

// `npm run test:kills` does a hundred.
describe("kill -9 of a process that records", () => {
  it.each(killedCameras)(
    "%s: each file opens and holds all but the last second, twice",
    async (kind) => {
      const random = seeded(2);
      const kills = await Promise.all(
        [0, 1].map((n) => killRecording(kind, join(folder, `${kind}-${n}.raw`), 1100 + Math.floor(600 * random()))),
      );
      for (const { problems, events } of kills) {
        expect(problems).toEqual([]);
        expect(events).toBeGreaterThan(0);
      }
      expect(Math.max(...kills.map(({ dueBytes }) => dueBytes))).toBeGreaterThan(0);
    },
    30_000,
  );
});
