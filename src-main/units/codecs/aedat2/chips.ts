import type { Sensor } from "#shared/events/sensor.ts";
import type { Encoding } from "#main/units/encodings/encoding.ts";
import { aedatDavis, aedatDvs128 } from "#main/units/encodings/aedat-address/aedat-address.ts";

/** A camera chip as AEDAT headers name it by its Java class. */
export interface Chip {
  readonly name: string;
  readonly encoding: Encoding;
  readonly sensor: Sensor;
}

const dvs = (name: string, width: number, height: number): Chip => ({ name, encoding: aedatDvs128, sensor: { width, height } });
const davis = (name: string, width: number, height: number): Chip => ({ name, encoding: aedatDavis, sensor: { width, height } });

/** Class names are matched without their package, case and separators. */
const chips: readonly (readonly [pattern: RegExp, chip: Chip])[] = [
  [/e?dvs128|tmpdiff128/, dvs("ch.unizh.ini.jaer.chip.retina.DVS128", 128, 128)],
  [/davis(rgbw?|bsi)?128/, davis("eu.seebetter.ini.chips.davis.Davis128", 128, 128)],
  [/davis(rgbw?|bsi)?208|pixelparade/, davis("eu.seebetter.ini.chips.davis.Davis208PixelParade", 208, 192)],
  [/davis(rgbw?|bsi)?240|sbret10/, davis("eu.seebetter.ini.chips.davis.DAVIS240C", 240, 180)],
  [/davis(rgbw?|bsi|cdavis)?346/, davis("eu.seebetter.ini.chips.davis.DAVIS346B", 346, 260)],
  [/davis(rgbw?|bsi|cdavis)?640/, davis("eu.seebetter.ini.chips.davis.Davis640", 640, 480)],
];

/** Whether the class is that of a silicon ear. */
export const isEar = (chip: string): boolean => /cochlea/i.test(chip);

/** The chip of a class name; `undefined` when it is not known. */
export function chipOf(className: string): Chip | undefined {
  const plain = className
    .split(".")
    .at(-1)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
  return chips.find(([pattern]) => pattern.test(plain))?.[1];
}

/** The smallest chip that is written for a sensor of that size; `undefined` when none holds it. */
export function chipHolding({ width, height }: Sensor): Chip | undefined {
  const written = ["dvs128", "davis240", "davis346", "davis640"].map((name) => chipOf(name)!);
  return written.find(({ sensor }) => width <= sensor.width && height <= sensor.height);
}
