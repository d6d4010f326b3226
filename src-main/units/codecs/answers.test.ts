import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packetOf } from "#main/units/encodings/testing/events.ts";
import { rememberAnswers, rememberedAnswers, rememberIn } from "./answers.ts";
import { nmnistBin } from "./nmnist-bin/nmnist-bin.ts";
import { openRecording } from "./open-recording.ts";
import { memorySink, rowsFrom } from "./testing/files.ts";

describe("answers about files", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "saccade-answers-"));
    rememberIn(join(root, "notes"));
  });
  afterEach(() => {
    rememberIn(undefined);
    rmSync(root, { recursive: true });
  });

  test("are kept per path, replaced, and forgotten", async () => {
    await rememberAnswers(join(root, "a.csv"), { columns: "xypt", width: 640 });
    await rememberAnswers(join(root, "b.csv"), { timeUnit: "ns" });
    expect(await rememberedAnswers(join(root, "a.csv"))).toEqual({ columns: "xypt", width: 640 });
    expect(await rememberedAnswers(join(root, "b.csv"))).toEqual({ timeUnit: "ns" });
    expect(await rememberedAnswers(join(root, "c.csv"))).toEqual({});
    await rememberAnswers(join(root, "a.csv"), {});
    expect(await rememberedAnswers(join(root, "a.csv"))).toEqual({});
    expect(readdirSync(join(root, "notes")).length).toBe(1);
  });

  test("unknown names and values are refused and nothing is kept", async () => {
    await expect(rememberAnswers(join(root, "a.csv"), { colums: "xypt" })).rejects.toMatchObject({ code: "bad-parameter" });
    await expect(rememberAnswers(join(root, "a.csv"), { flipX: "maybe" })).rejects.toMatchObject({ code: "bad-parameter" });
    expect(await rememberedAnswers(join(root, "a.csv"))).toEqual({});
  });

  test("turn a recording for everybody who opens it, but not what is stored", async () => {
    const sensor = { width: 34, height: 34 };
    const sink = memorySink();
    const target = await nmnistBin.create(sink, { sensor, label: "clip" });
    await target.write(
      packetOf(Array.from({ length: 80 }, (_, i) => [10 * i + 10, i === 0 ? 33 : 3, i === 0 ? 33 : i % 30, 1] as const)),
    );
    await target.close();
    const path = join(root, "clip.bin");
    writeFileSync(path, sink.bytes());
    await rememberAnswers(path, { flipX: "yes", swapXY: "yes", invertP: "yes" });
    const turned = await openRecording(path);
    const rows = await rowsFrom(turned.recording.read({}));
    expect(rows[5]).toEqual([60, 33 - 5, 3, 0]);
    await turned.recording.close();
    const stored = await openRecording(path, { asStored: true });
    expect(stored.recording.orientation).toEqual({ flipX: true, flipY: false, swapXY: true, invertP: true });
    expect((await rowsFrom(stored.recording.read({})))[5]).toEqual([60, 3, 5, 1]);
    await stored.recording.close();
    const once = await openRecording(path, { answers: { flipX: "no", swapXY: "no", invertP: "no" } });
    expect((await rowsFrom(once.recording.read({})))[5]).toEqual([60, 3, 5, 1]);
    await once.recording.close();
  });
});
