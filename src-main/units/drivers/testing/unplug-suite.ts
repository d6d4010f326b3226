import { expect, it } from "vitest";
import type { ParamSpec } from "#shared/units/params.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { bench, until, type Create } from "./bench.ts";
import type { DeviceModel } from "./device-model.ts";
import type { Transcript } from "./transcript.ts";
import { madeFeed } from "./wire-feed.ts";

/** A camera whose cable is pulled. */
export interface UnplugCase {
  readonly transcript: Transcript;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** A setting that can be changed while it streams. */
  readonly change: Readonly<Record<string, unknown>>;
  readonly model?: () => DeviceModel | undefined;
}

const PULLS = 100;

/** What every driver has to pass when its camera goes away. */
export function itsUnplugging<S extends ParamSpec>(create: Create<S>, { transcript, params, change, model }: UnplugCase): void {
  const made = (): { readonly model?: DeviceModel } => {
    const own = model?.();
    return own === undefined ? {} : { model: own };
  };

  it(`is unplugged at ${PULLS} moments: no hang, nothing held, one clear end`, async () => {
    const feed = () => madeFeed(() => new Uint8Array(512));
    const whole = bench(create, { transcript, feed: feed(), ...made() });
    const calm = await whole.open(params);
    calm.start(
      () => undefined,
      () => undefined,
    );
    await until(() => whole.camera.model.streaming(), "it streams");
    await calm.stop();
    const random = seeded(23);
    let gone = 0;
    for (let pull = 0; pull < PULLS; pull++) {
      const { camera, driver, params: values } = bench(create, { transcript, feed: feed(), ...made() });
      camera.faults.cancelledOnUnplug = pull % 2 === 1;
      const [device] = await driver.list();
      camera.faults.unplugAtCall = camera.calls + 1 + Math.floor(random() * (whole.camera.calls - camera.calls));
      const ends: unknown[] = [];
      let failure: unknown;
      try {
        const opened = await driver.open(device!.id, values(params));
        opened.start(
          () => undefined,
          (reason) => ends.push(reason),
        );
        await until(() => ends.length > 0 || camera.model.streaming(), "it streams or ends");
        await opened.stop();
      } catch (error) {
        failure = error;
      }
      if (failure !== undefined) expect(failure).toMatchObject({ code: "camera-gone" });
      if (ends.length > 0) expect(ends).toMatchObject([{ code: "camera-gone" }]);
      gone += failure !== undefined || ends.length > 0 ? 1 : 0;
      expect(camera.held()).toEqual([]);
      expect(camera.violations).toEqual([]);
    }
    expect(gone).toBeGreaterThan(PULLS / 4);
  });

  it("is unplugged while it streams: says so once, and changes are refused afterwards", async () => {
    const { camera, open, params: values } = bench(create, { transcript, feed: madeFeed(() => new Uint8Array(4096)), ...made() });
    const opened = await open(params);
    const ends: unknown[] = [];
    let chunks = 0;
    opened.start(
      () => (chunks += 1),
      (reason) => ends.push(reason),
    );
    await until(() => chunks > 3, "data comes");
    camera.unplug();
    await until(() => ends.length > 0, "the end is told");
    await expect(opened.update(values(change), values())).rejects.toMatchObject({ code: "camera-gone" });
    await opened.stop();
    expect(ends).toMatchObject([{ code: "camera-gone", message: expect.stringContaining("was unplugged") as string }]);
    expect([camera.held(), camera.violations]).toEqual([[], []]);
  });
}
