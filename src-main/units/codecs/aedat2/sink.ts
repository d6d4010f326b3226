import { AppError } from "#shared/api/errors.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";
import { encodedSink } from "../encoded-sink.ts";
import { turner } from "../upright.ts";
import { chipHolding } from "./chips.ts";
import { FROM_LOWER_RIGHT } from "./open.ts";

/** Header field that keeps what the 32-bit times lose: the time of the first record, µs. Ours; other readers skip it. */
export const FIRST_TIME = "Time of the first record in us";

/** Writes AEDAT 2 for the smallest camera that holds the sensor. The header is written with the first event, whose time it may need. */
export function aedat2Sink(file: ByteSink, { sensor }: StreamInfo): EventSink {
  const chip = chipHolding(sensor);
  if (chip === undefined) {
    throw new AppError("unsupported", `AEDAT 2 cannot hold a sensor of ${sensor.width}×${sensor.height}: at most 640×480`, {
      hint: "Choose AEDAT 4, or cut the recording to a smaller region.",
    });
  }
  const turn = turner(chip.sensor, FROM_LOWER_RIGHT);
  const records = encodedSink(file, chip.encoding.createEncoder!(chip.sensor));
  let begun = false;
  const begin = async (firstTime: number): Promise<void> => {
    begun = true;
    const lines = [
      "#!AER-DAT2.0",
      "# This is a raw AE data file - do not edit",
      "# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event",
      "# Timestamps tick is 1 us",
      `# AEChip: ${chip.name}`,
      ...(firstTime >= 0x1_0000_0000 ? [`# ${FIRST_TIME}: ${firstTime}`] : []),
      "#End Of ASCII Header",
    ];
    await file.write(Buffer.from(`${lines.join("\r\n")}\r\n`, "latin1"));
  };
  return {
    write: async (packet: EventPacket) => {
      const times = [packet.beside?.triggers?.[0]?.t, packet.words[0] === undefined ? undefined : packet.t0 + packet.words[0]];
      const first = Math.min(...times.map((t) => t ?? Infinity));
      if (first === Infinity) return;
      if (!begun) await begin(first);
      await records.write(turn(packet));
    },
    close: async () => {
      if (!begun) await begin(0);
      await records.close();
    },
  };
}
