import { describe, expect, it } from "vitest";
import { systemUsb } from "./node-usb.ts";

describe("the USB of this machine", () => {
  it("is listed by the real library, without opening anything", async () => {
    for (const device of await systemUsb.list()) {
      expect(device.key).toMatch(/^\d+-\d+$/);
      expect(device.label).not.toBe("");
    }
  });
});
