import { describe, expect, it } from "vitest";
import { drivers } from "./index.ts";
import { inSections } from "./sections.ts";

const flag = (label: string) => ({ type: "boolean", default: false, label }) as const;

describe("settings in sections", () => {
  it("orders them, splits the vendor's name off, and keeps whom they are for", () => {
    const spec = { b: flag("Second (VENDOR_B)"), a: flag("First"), ab: flag("Third: off (OFF) (C_BIAS)") };
    const found = inSections(spec, [
      ["One", "basic", "a"],
      ["Two", "expert", "a*", "b"],
    ]);
    expect(Object.keys(found)).toEqual(["a", "ab", "b"]);
    expect(found).toEqual({
      a: { ...flag("First"), group: "One" },
      ab: { ...flag("Third: off (OFF)"), vendorName: "C_BIAS", group: "Two", level: "expert" },
      b: { ...flag("Second"), vendorName: "VENDOR_B", group: "Two", level: "expert" },
    });
  });

  it("a setting without a place is a mistake of ours", () => {
    expect(() => inSections({ a: flag("A"), b: flag("B") }, [["One", "basic", "a"]])).toThrow(/no section for b/);
  });

  it.each(drivers.filter(({ params, id }) => id !== "virtual" && Object.keys(params).length > 0))(
    "$id: every setting has a section and a plain name, and what everybody needs is little",
    ({ params }) => {
      const all = Object.values(params);
      for (const { group, label } of all) expect([group === undefined, label.includes("(")]).toEqual([false, false]);
      expect(all.filter(({ level }) => level === undefined).length).toBeLessThanOrEqual(24);
    },
  );
});
