import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { parseParams } from "#shared/units/params.ts";
import { findUnit, type UnitRef } from "#shared/units/unit.ts";
import type { FilterStage } from "./filter.ts";
import { filters } from "./index.ts";

/** Several filters as one. The answer is lent until the next call. */
export type FilterChain = (packet: EventPacket) => EventPacket;

/**
 * Builds the filters that are named, in their order, with fresh state.
 * @throws AppError `unknown-unit` or `bad-parameter`, naming the filter.
 */
export function createFilterChain(refs: readonly UnitRef[], sensor: Sensor): FilterChain {
  const stages = refs.map((ref): { readonly stage: FilterStage; readonly out: PacketWriter } => {
    const filter = findUnit("filter", filters, ref.id);
    const params = parseParams(filter.params, ref.params, `filter "${ref.id}"`);
    return { stage: filter.create(params, sensor), out: new PacketWriter() };
  });
  return (packet) => {
    let current = packet;
    for (const { stage, out } of stages) {
      stage(current, out);
      current = out.take();
    }
    return current;
  };
}
