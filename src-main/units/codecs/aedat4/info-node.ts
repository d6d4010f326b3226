import type { StreamInfo } from "#shared/events/sensor.ts";

/** What a recording says about one of its streams. */
export interface StreamDescription {
  readonly id: number;
  /** EVTS, FRME, IMUS, TRIG or another four letters. */
  readonly type: string;
  /** The camera, where it is named. */
  readonly source: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Start of the camera's clock, µs, already contained in the times. */
  readonly startUs: string | undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

const unescape = (text: string): string => text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name]!);

/** The text with what XML reserves written out. */
export const escapeXml = (text: string): string =>
  Object.entries(ENTITIES)
    .reverse() // the sign that begins the others first
    .reduce((escaped, [name, letter]) => escaped.replaceAll(letter, `&${name};`), text);

/** Attributes of a tree of `<node name>` and `<attr key>` tags by their path, as DV writes it. Damaged parts are passed over. */
function attributesOf(xml: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const path: string[] = [];
  for (const [, closing, tag, inside = "", content = ""] of xml.matchAll(/<(\/?)(node|attr)\b([^<>]*)>([^<]*)/g)) {
    const empty = inside.endsWith("/");
    if (tag === "node") {
      if (closing !== "") path.pop();
      else if (!empty) path.push(/\bname="([^"]*)"/.exec(inside)?.[1] ?? "");
    } else if (closing === "") {
      const key = /\bkey="([^"]*)"/.exec(inside)?.[1];
      if (key !== undefined && found.size < 10_000) found.set([...path, key].join("/"), unescape(content.trim()));
    }
  }
  return found;
}

/** The streams that an info node describes, by rising id. */
export function streamsOf(xml: string): readonly StreamDescription[] {
  const attributes = attributesOf(xml);
  const ids = new Set<number>();
  for (const key of attributes.keys()) {
    const id = /^outInfo\/(\d{1,9})\/typeIdentifier$/.exec(key)?.[1];
    if (id !== undefined) ids.add(Number(id));
  }
  const size = (text: string | undefined): number | undefined => {
    const value = Number(text);
    return Number.isInteger(value) && value > 0 && value <= 1 << 14 ? value : undefined;
  };
  return [...ids]
    .sort((a, b) => a - b)
    .map((id) => {
      const of = (key: string): string | undefined => attributes.get(`outInfo/${id}/${key}`);
      return {
        id,
        type: of("typeIdentifier") ?? "",
        source: of("info/source"),
        width: size(of("info/sizeX")),
        height: size(of("info/sizeY")),
        startUs: of("info/tsOffset"),
      };
    });
}

/** Ids of the streams that are written. */
export const STREAMS = { events: 0, frames: 1, imu: 2, triggers: 3 } as const;

/** Text of the streams' nodes, as DV's own files have them. */
const KINDS = [
  { id: STREAMS.events, name: "events", type: "EVTS", text: "Array of events (polarity ON/OFF).", sized: true },
  { id: STREAMS.frames, name: "frames", type: "FRME", text: "Standard frame (8-bit image).", sized: true },
  { id: STREAMS.imu, name: "imu", type: "IMUS", text: "Inertial Measurement Unit data samples.", sized: false },
  { id: STREAMS.triggers, name: "triggers", type: "TRIG", text: "External triggers and special signals.", sized: false },
] as const;

/** The info node of a recording that is to be written. `source` and `clock_start_us` of the metadata are kept. */
export function infoNode({ sensor, label }: StreamInfo, metadata: Readonly<Record<string, string>>): string {
  const source = escapeXml(metadata["source"] ?? label);
  const start = /^\d{1,16}$/.test(metadata["clock_start_us"] ?? "") ? metadata["clock_start_us"]! : "0";
  const attribute = (key: string, type: string, value: string | number): string =>
    `<attr key="${key}" type="${type}">${value}</attr>\n`;
  const stream = ({ id, name, type, text, sized }: (typeof KINDS)[number]): string =>
    `<node name="${id}" path="/mainloop/Recorder/outInfo/${id}/">\n` +
    attribute("compression", "string", "LZ4") +
    attribute("originalModuleName", "string", "capture") +
    attribute("originalOutputName", "string", name) +
    attribute("typeDescription", "string", text) +
    attribute("typeIdentifier", "string", type) +
    `<node name="info" path="/mainloop/Recorder/outInfo/${id}/info/">\n` +
    (sized ? attribute("sizeX", "int", sensor.width) + attribute("sizeY", "int", sensor.height) : "") +
    attribute("source", "string", source) +
    attribute("tsOffset", "long", start) +
    "</node>\n</node>\n";
  const streams = KINDS.map(stream).join("");
  return `<dv version="2.0">\n<node name="outInfo" path="/mainloop/Recorder/outInfo/">\n${streams}</node>\n</dv>\n`;
}
