// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeEngine } from "#renderer/testing/fake-engine.ts";
import { fillLibrary } from "#renderer/testing/fake-library.ts";
import { startedApp } from "#renderer/testing/started-app.ts";
import type { App } from "./app.svelte.ts";
import { layOut, visible } from "./grid-rows.ts";
import { nextUnlabelled, toggled } from "./labels.ts";
import { LibraryPage, noFilter, queryOf } from "./library.svelte.ts";

const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 20));

describe("labelling in the library", () => {
  let engine: FakeEngine;
  let app: App;
  let page: LibraryPage;
  const stream = () => [...engine.streams.values()].at(-1);

  beforeEach(async () => {
    engine = new FakeEngine();
    fillLibrary(engine.library, 2, 12);
    app = await startedApp(engine);
    page = new LibraryPage(app);
    await page.refresh();
    await page.open("r1");
    await settle();
  });
  afterEach(() => {
    page.close();
    app.close();
  });

  it("opens a recording with its clips and its rate, and plays it", () => {
    expect(page.recording?.name).toBe("bench-01");
    expect(page.segments).toHaveLength(12);
    expect(page.strip?.on.length).toBeGreaterThan(100);
    expect(stream()?.calls).toContain("play");
  });

  it("makes a clip of the span between in and out", async () => {
    page.player?.mark({ start: 61_000_000, end: 62_000_000 });
    await page.label(3);
    expect(page.segments).toHaveLength(13);
    expect(page.chosenSegment).toMatchObject({ start: 61_000_000, end: 62_000_000, classId: "c1002", state: "labelled" });
    expect(app.toasts.list.at(-1)).toMatchObject({ text: "Labelled 1.00 s as Scissors", action: { label: "Undo" } });
  });

  it("says what is missing instead of guessing", async () => {
    await page.label(3);
    expect(app.toasts.list.at(-1)?.text).toBe("Set in and out first, or choose a clip");
    await page.label(9);
    expect(app.toasts.list.at(-1)?.text).toBe("No class has the key 9");
    expect(page.segments).toHaveLength(12);
  });

  it("changes the class of the chosen clip, loops it, and undo changes it back", async () => {
    page.choose("s0-0");
    expect(page.player?.looping).toBe(true);
    expect(page.player?.marked).toEqual({ start: page.segments[0]?.start, end: page.segments[0]?.end });
    await page.label(8);
    expect(page.chosenSegment?.classId).toBe("c1007");
    await settle();
    await app.undo();
    await page.refresh();
    expect(page.chosenSegment?.classId).toBe("c1000");
  });

  it("accepts what is unsure and goes on to the next clip without a class", async () => {
    const unsure = page.segments.find((segment) => segment.state === "unsure");
    page.choose(unsure?.id);
    await page.accept();
    expect(page.segments.find((segment) => segment.id === unsure?.id)?.state).toBe("labelled");
    expect(page.chosenSegment?.classId).toBeUndefined();
    expect(page.chosen).toBe("s0-5");
    await page.accept();
    await settle();
    expect(app.router.current).toMatchObject({ page: "library", parts: ["r2"] });
  });

  it("removes a clip and moves an edge", async () => {
    page.choose("s0-1");
    await page.remove();
    expect(page.segments.some((segment) => segment.id === "s0-1")).toBe(false);
    expect(page.player?.looping).toBe(false);
    await page.move("s0-2", { start: 11_000_000, end: 12_345_678 });
    expect(engine.library.state.segments.find((segment) => segment.id === "s0-2")).toMatchObject({
      start: 11_000_000,
      end: 12_345_678,
    });
  });

  it("tells which file is missing and goes on", async () => {
    engine.library.state.recordings = engine.library.state.recordings.map((one) =>
      one.id === "r2" ? { ...one, path: "/gone.raw" } : one,
    );
    const api = engine.api.streams;
    const open = api.open.bind(api);
    Object.assign(api, {
      open: (ref: Parameters<typeof open>[0]) => {
        if (ref.kind === "recording" && ref.path === "/gone.raw") return Promise.reject(new Error("/gone.raw is not there"));
        return open(ref);
      },
    });
    await page.open("r2");
    expect(app.faults.at(-1)?.title).toBe("/gone.raw is not there");
    await page.open("r1");
    expect(page.recording?.id).toBe("r1");
  });

  it("narrows the list", async () => {
    page.setFilter({ classIds: ["c1001"] });
    await settle();
    const all = engine.library.clips({ classIds: ["c1001"] }).length;
    expect(page.clips.total).toBe(all);
    expect(page.clips.at(0)?.classId).toBe("c1001");
  });
});

describe("filters and lists", () => {
  it("asks the engine for what is set and nothing else", () => {
    expect(queryOf(noFilter)).toEqual({});
    expect(queryOf({ ...noFilter, review: "unlabelled", text: " P07 " })).toEqual({ classIds: [null], text: "P07" });
    expect(queryOf({ ...noFilter, review: "unsure", subjects: ["P05"] })).toEqual({ states: ["unsure"], subjects: ["P05"] });
  });

  it("adds and takes away", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });

  it("finds the next clip without a class, from the start again at the end", () => {
    const segment = (id: string, start: number, classId?: string) => ({
      id,
      recordingId: "r",
      start,
      end: start + 1,
      state: "labelled" as const,
      ...(classId ? { classId } : {}),
    });
    const list = [segment("b", 20), segment("a", 5), segment("c", 30, "x")];
    expect(nextUnlabelled(list, 10)?.id).toBe("b");
    expect(nextUnlabelled(list, 25)?.id).toBe("a");
    expect(nextUnlabelled(list, 25, "a")?.id).toBe("b");
    expect(nextUnlabelled([segment("c", 30, "x")], 0)).toBeUndefined();
  });

  it("draws only the rows that can be seen, also of ten thousand", () => {
    const layout = layOut({ width: 448, recordings: 4, clips: 10_000 });
    expect(layout.columns).toBe(3);
    const rows = visible(layout, layout.height / 2, 800);
    expect(rows.length).toBeLessThan(16);
    const cards = rows.filter((row) => row.kind === "cards");
    expect(cards.every((row) => row.of === "clips" && row.to - row.from === 3)).toBe(true);
    const last = visible(layout, layout.height - 800, 800).findLast((row) => row.kind === "cards");
    expect(last?.to).toBe(10_000);
    expect(visible(layout, 0, 800)[0]).toMatchObject({ kind: "title", of: "recordings", top: 0 });
  });
});
