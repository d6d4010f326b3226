import { expect, it } from "vitest";
import { looksOf } from "./class-look.ts";

it("keeps the looks of known classes and gives the others the next free ones", () => {
  const known = [{ id: "a", name: "Rock", key: 2, color: 1 }];
  expect(looksOf(["paper", "rock", "scissors"], known)).toEqual([
    { name: "paper", key: 1, color: 0 },
    { name: "Rock", key: 2, color: 1 },
    { name: "scissors", key: 3, color: 2 },
  ]);
});
