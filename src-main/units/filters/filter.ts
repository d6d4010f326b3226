import type { PacketWriter } from "#shared/events/packet-writer.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Unit } from "#shared/units/unit.ts";

/** One packet in, the events that pass out. State lives in the closure, so a seek makes a new one. */
export type FilterStage = (input: EventPacket, out: PacketWriter) => void;

/** Packet in, packet out. Output stays in order and inside the sensor; the input is not touched. */
export interface Filter<S extends ParamSpec = ParamSpec> extends Unit<S> {
  create(params: ParamsOf<S>, sensor: Sensor): FilterStage;
}
