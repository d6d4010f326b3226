import type { EventPacket } from "#shared/events/packet.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { createEventModel } from "./event-model.ts";
import { createBetween, MAX_FRAME_STEP_US } from "./frames-scene.ts";
import type { ModelParams } from "./model-params.ts";
import type { LightFrame } from "./simulation.ts";

/** The events of a film whose frames come one after the other; at most two frames are in memory. Packets are lent. */
export async function* filmPackets(
  frames: AsyncIterable<LightFrame>,
  options: { readonly sensor: Sensor; readonly frameUs: number; readonly model: ModelParams; readonly seed: number },
): AsyncGenerator<EventPacket> {
  const { sensor, frameUs } = options;
  const model = createEventModel(sensor, options.model, options.seed);
  const between = createBetween(sensor);
  const out = new PacketWriter();
  let before: Float32Array | undefined;
  let index = 0;
  for await (const { light } of frames) {
    if (before === undefined) model.reset(light, 0);
    else {
      const start = model.nowUs;
      const end = Math.max(start + 1, Math.round(index * frameUs));
      const parts = Math.ceil((end - start) / MAX_FRAME_STEP_US);
      for (let part = 1; part <= parts; part++) {
        const t = Math.round(start + ((end - start) * part) / parts);
        model.step(between(before, light, part / parts), t);
        out.begin(start);
        model.events.drain(t, out);
        yield out.take();
      }
    }
    before = light;
    index++;
  }
}
