import { RecordedAnswers, type DeviceModel } from "./device-model.ts";
import type { Transcript } from "./transcript.ts";

const CONFIGURE = 0xbf;
const CONFIGURE_MANY = 0xc2;
const DVS128_START = 0xb3;
const DVS128_STOP = 0xb4;

/** Bytes as one big-endian number; those of 8 bytes stay below 2^53 in practice. */
const numberOf = (bytes: Uint8Array): number => bytes.reduce((value, byte) => value * 256 + byte, 0);

/** An iniVation board: a store of values addressed by module and parameter, as `"1.3"`. */
export function inivationModel(transcript: Transcript): DeviceModel {
  const answers = new RecordedAnswers(transcript);
  const values = new Map<string, number>();
  for (const [name, entry] of Object.entries(transcript.registerModel?.reset ?? {})) {
    if (typeof entry !== "string") values.set(name, entry.value);
  }
  let sending = false;

  const write = (module: number, parameter: number, value: number): void => {
    values.set(`${module}.${parameter}`, value);
    // The run flag of the sensor; boards without a multiplexer are switched by the chip's own mode register.
    if (module === 1 && parameter === 3) sending = value === 1;
    if (module === 5 && parameter === 0x3000) sending = value === 2;
  };

  return {
    controlIn: (setup) => {
      const view = new DataView(setup.buffer, setup.byteOffset, 8);
      const value = values.get(`${view.getUint16(2, true)}.${view.getUint16(4, true)}`);
      if (setup[0] !== 0xc0 || setup[1] !== CONFIGURE || value === undefined) return answers.control(setup);
      const reply = new Uint8Array(view.getUint16(6, true));
      new DataView(reply.buffer).setUint32(reply.length - 4, value);
      return reply;
    },
    controlOut: (setup, data) => {
      const view = new DataView(setup.buffer, setup.byteOffset, 8);
      if (setup[0] !== 0x40) return false;
      if (setup[1] === CONFIGURE) write(view.getUint16(2, true), view.getUint16(4, true), numberOf(data));
      if (setup[1] === CONFIGURE_MANY) {
        for (let at = 0; at + 6 <= data.length; at += 6)
          write(data[at] ?? 0, data[at + 1] ?? 0, numberOf(data.subarray(at + 2, at + 6)));
      }
      if (setup[1] === DVS128_START) sending = true;
      if (setup[1] === DVS128_STOP) sending = false;
      return true;
    },
    bulkOut: () => false,
    bulkIn: () => undefined,
    streaming: () => sending,
    register: (name) => values.get(name),
  };
}
