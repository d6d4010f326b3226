import { expect, test } from "vitest";
import { benchDecode, describeDecodeBench } from "./bench.ts";
import { syntheticEvt3 } from "./synthetic-stream.ts";

test("every decoder finds the same events in the synthetic stream, and none is forgotten", async () => {
  const { events } = syntheticEvt3(20_000, { width: 1280, height: 720 });
  const bench = await benchDecode({ events: 20_000, passes: 1 });
  const ids = [...bench.figures, ...bench.skipped].map(({ id }) => id).sort();
  const kinds = ["aedat4", "atis", "dat", "evt2", "evt21", "evt3"];
  expect(ids).toEqual(kinds.flatMap((kind) => [`${kind}-c`, `${kind}-compiled`, `${kind}-plain`]));
  for (const figure of bench.figures.filter(({ id }) => !id.startsWith("atis"))) expect(figure.events).toBe(events);
  const atis = bench.figures.filter(({ id }) => id.startsWith("atis")).map((figure) => figure.events);
  expect(new Set(atis).size).toBe(1);
  expect(describeDecodeBench(bench)).toContain("evt21-plain");
});
