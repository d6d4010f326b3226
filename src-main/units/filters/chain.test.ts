import { describe, expect, test } from "vitest";
import { createFilterChain } from "./chain.ts";
import { packetOf, rowsOf, type EventRow } from "./testing/describe-filter.ts";

const sensor = { width: 10, height: 10 };
const rows: EventRow[] = [
  [0, 1, 1, 1],
  [5, 1, 1, 0],
  [10, 1, 1, 1],
  [2000, 1, 1, 0],
  [2001, 6, 1, 1],
];

describe("filter chain", () => {
  test("filters work one after the other, in the order given", () => {
    const on = { id: "polarity", params: { keep: "off" } };
    const quiet = { id: "refractory", params: { periodUs: "100" } };
    expect(rowsOf(createFilterChain([on, quiet], sensor)(packetOf(rows)))).toEqual([rows[1], rows[3]]);
    expect(rowsOf(createFilterChain([quiet, on], sensor)(packetOf(rows)))).toEqual([rows[3]]);
  });

  test("no filter lets everything through, and each chain has its own state", () => {
    const packet = packetOf(rows);
    expect(createFilterChain([], sensor)(packet)).toBe(packet);
    const refs = [{ id: "refractory" }];
    const chain = createFilterChain(refs, sensor);
    expect(rowsOf(chain(packet)).length).toBe(3);
    expect(rowsOf(chain({ t0: 0, words: new Uint32Array(0) }))).toEqual([]);
    expect(rowsOf(createFilterChain(refs, sensor)(packet)).length).toBe(3);
  });

  test("unknown filters and wrong parameters are named", () => {
    expect(() => createFilterChain([{ id: "nothing" }], sensor)).toThrow(/no filter called "nothing"/);
    expect(() => createFilterChain([{ id: "roi", params: { x: -1 } }], sensor)).toThrow(/filter "roi": "x" is -1/);
  });
});
