import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expandSweep } from "./expand.ts";
import { linePlot, ticksOf } from "./plot.ts";
import { reportText, writeReport } from "./report.ts";
import { readResults, writeResult, type Result } from "./results.ts";
import { summarize } from "./summary.ts";
import { parseSweep } from "./sweep-file.ts";
import { machineTable, textTables } from "./tables.ts";
import { resultWith, smallSweep } from "./testing/small-sweep.ts";

const file = parseSweep(smallSweep);
const runs = expandSweep(file);
/** Better by 10, 12 and 14 points with one clip, by −5, 0 and 5 with five. */
const accuracyOf = (variant: string, at: string, seed: number): number =>
  0.5 + (variant === "scratch" ? 0 : at === "1" ? 0.08 + 0.02 * seed : 0.05 * (seed - 2)) + 0.01 * seed;
const results = new Map<string, Result>(
  runs.map((run) => {
    const { variant = "", at = [] } = run.cells[0] ?? {};
    return [run.key, resultWith(run, accuracyOf(variant, at[0] ?? "", run.seed))];
  }),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-report-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("summarize", () => {
  it("compares with the baseline seed by seed", () => {
    const { parts } = summarize(file, runs, results);
    const cells = parts[0]?.cells ?? [];
    const one = cells.find(({ variant, at }) => variant === "better" && at[0] === "1");
    expect(one?.mean).toBeCloseTo(0.64, 10);
    expect(one?.deviation).toBeCloseTo(0.03, 10);
    expect(one?.difference).toMatchObject({ pairs: 3 });
    expect(one?.difference?.mean).toBeCloseTo(0.12, 10);
    // Differences 0.10, 0.12, 0.14: standard deviation 0.02, t of two degrees of freedom 4.303.
    expect(one?.difference?.low).toBeCloseTo(0.12 - (4.3027 * 0.02) / Math.sqrt(3), 5);
    expect(cells.filter(({ variant, difference }) => variant === "scratch" && difference !== undefined)).toEqual([]);
  });

  it("pairs only seeds that both have, and counts what is missing", () => {
    const some = new Map(
      [...results].filter(([key]) => key !== runs.find(({ cells, seed }) => cells[0]?.variant === "scratch" && seed === 2)?.key),
    );
    const summary = summarize(file, runs, some);
    expect(summary).toMatchObject({ finished: 11, total: 12 });
    const one = summary.parts[0]?.cells.find(({ variant, at }) => variant === "better" && at[0] === "1");
    expect(one?.difference?.pairs).toBe(2);
    expect(textTables(summary)).toContain("(2 of 3)");
  });

  it("gives programs the same numbers", () => {
    expect(machineTable(summarize(file, runs, results))).toMatchObject({ kind: "table", finished: 12, parts: [{ id: "main" }] });
  });
});

describe("report", () => {
  const text = reportText(summarize(file, runs, results), "saccade sweep small.json");

  it("shows what was measured", () => {
    expect(text).toContain("| From scratch | 52.0 ± 1.0 | 52.0 ± 1.0 |");
    expect(text).toContain("| Better | 64.0 ± 3.0 | 52.0 ± 6.0 |");
    expect(text).toContain("+12.0 [+7.0, +17.0]");
    expect(text).toContain("12 of 12 runs are finished. They took 48.0 s in all, 4.0 s each on average");
    expect(text).toContain("A processor, 4 cores, 16 GiB");
    expect(text).toContain("10 training clips, 0 for validation, 40 test clips; 30 pictures");
  });

  it("says who is above the baseline and who is not told apart from it", () => {
    expect(text).toContain("- **Better** against From scratch: above it at 1; not told apart from it at 5.");
    const worse = new Map(
      [...results].map(([key, result]) => {
        const run = runs.find((entry) => entry.key === key);
        return [
          key,
          run?.cells[0]?.variant === "better" ? { ...result, metrics: { testAccuracy: 0.1 + 0.01 * run.seed } } : result,
        ];
      }),
    );
    expect(reportText(summarize(file, runs, worse), "")).toContain("below it at 1 and 5");
  });

  it("can be made before anything is finished", () => {
    const empty = reportText(summarize(file, runs, new Map()), "");
    expect(empty).toContain("0 of 12 runs are finished");
    expect(empty).toContain("too few seeds to say");
  });

  it("writes plots that are well-formed, and every picture that the text names", async () => {
    await writeReport(folder, summarize(file, runs, results), "saccade sweep small.json");
    const names = await readdir(folder);
    expect(names.toSorted()).toEqual(["README.md", "main-accuracy.svg", "main-cka-5.svg", "main-difference.svg", "results.json"]);
    for (const [, name] of (await readFile(join(folder, "README.md"), "utf8")).matchAll(/\]\(([^)]+\.svg)\)/g))
      expect(names).toContain(name);
    expect(JSON.parse(await readFile(join(folder, "results.json"), "utf8"))).toHaveLength(12);
    for (const name of names.filter((file_) => file_.endsWith(".svg"))) {
      const svg = await readFile(join(folder, name), "utf8");
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg.match(/<[a-z]+/g)?.length).toBe((svg.match(/<\/[a-z]+>/g)?.length ?? 0) + (svg.match(/\/>/g)?.length ?? 0));
    }
  });
});

describe("linePlot", () => {
  it("draws a point where its value is", () => {
    const svg = linePlot({
      title: "a < b",
      xLabel: "x",
      yLabel: "y",
      positions: ["1", "2"],
      series: [{ label: "s", points: [{ y: 0 }, { y: 10 }] }],
    });
    const heights = [...svg.matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(heights[0]).toBeGreaterThan(heights[1] ?? Infinity);
    expect(svg).toContain("a &lt; b");
  });

  it.each([
    [0, 10, [0, 2, 4, 6, 8, 10]],
    [-0.3, 0.9, [-0.2, 0, 0.2, 0.4, 0.6, 0.8]],
    [41, 97, [50, 60, 70, 80, 90]],
  ])("has round ticks from %f to %f", (low, high, expected) => {
    expect(ticksOf(low, high)).toEqual(expected);
  });
});

describe("results", () => {
  it("come back as they were written, and a torn file is named", async () => {
    const out = join(folder, "out");
    expect(await readResults(out)).toEqual(new Map());
    const result = [...results.values()][0];
    if (result === undefined) throw new Error("there is no result");
    await writeResult(out, result);
    expect((await readResults(out)).get(result.key)).toEqual(result);
    const { writeFile } = await import("node:fs/promises");
    await writeFile(join(out, "results", "torn.json"), '{"schema":');
    await expect(readResults(out)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("torn.json") as string,
    });
  });
});
