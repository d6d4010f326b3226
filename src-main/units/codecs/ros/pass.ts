import type { Frame, ImuSample, Trigger } from "#shared/events/beside.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Decoder } from "#main/units/encodings/encoding.ts";
import { encodings } from "#main/units/encodings/index.ts";
import { besideOf } from "../beside.ts";
import type { PassOptions, Place, Step } from "../recording.ts";
import { eventColumns, packetsOf } from "../tables/columns.ts";
import { readFrame, readImu } from "./beside-messages.ts";
import { readEventArray } from "./event-array.ts";
import { packetColumns, readEventPacket, streamEncodings, triggersOf, type RosEventPacket } from "./event-packet.ts";
import { ShortMessage } from "./fields.ts";
import { typeName, type RosMessage, type RosMessages, type RosTopic } from "./messages.ts";

/** Which messages are read, and how. */
export interface RosPlan {
  readonly topic: RosTopic;
  readonly sensor: Sensor;
  /** `event-array`, or the encoding that the packets name. */
  readonly encoding: string;
}

/** What lies beside the events and has not been handed over yet. */
interface Waiting {
  triggers: Trigger[];
  frames: Frame[];
  imu: ImuSample[];
}

/** Goes over the messages of a bag in the order of the file. */
export async function* rosPass(messages: RosMessages, plan: RosPlan, options: PassOptions): AsyncGenerator<Step> {
  const { findings, signal, from } = options;
  const reader = new TopicReader(plan, options);
  const waiting: Waiting = { triggers: [], frames: [], imu: [] };
  // Sensor clocks of event packets in EVT words have nothing to do with the time of pictures.
  const sameClock = streamEncodings[plan.encoding] === undefined;
  let before = from;
  for await (const message of messages.walk(from, findings, signal)) {
    const { topic, next } = message;
    try {
      if (topic.id === plan.topic.id) {
        for (const { packet, last, time } of reader.read(message)) {
          const own = packet.beside?.triggers ?? [];
          const beside = last ? besideOf([...own, ...waiting.triggers], waiting.frames, waiting.imu) : packet.beside;
          const { offset, state } = last ? next : before;
          const now = reader.state(last);
          yield {
            packet: beside === undefined ? packet : { ...packet, beside },
            place: () => ({ offset, state: { ...state, ...now } }),
            time,
          };
          if (last) Object.assign(waiting, { triggers: [], frames: [], imu: [] });
        }
      } else collect(message, waiting, options, sameClock);
    } catch (error) {
      if (!(error instanceof ShortMessage)) throw error;
      const reason = `a message of ${topic.name} ends before its fields do`;
      findings.damage({ offset: message.offset, bytes: 0, reason });
    }
    before = next;
  }
  const beside = besideOf(waiting.triggers, waiting.frames, waiting.imu);
  if (beside !== undefined) {
    yield { packet: { t0: 0, words: new Uint32Array(0), beside }, place: () => before, time: undefined };
  }
  findings.dropped(reader.dropped());
}

/** Triggers, frames and inertial readings of other topics. */
function collect({ topic, data }: RosMessage, waiting: Waiting, { findings, beside }: PassOptions, sameClock: boolean): void {
  const type = typeName(topic.type);
  if (type === "event_camera_msgs/EventPacket") {
    const packet = readEventPacket(data, topic.serialization);
    if (packet.encoding === "trigger") waiting.triggers.push(...triggersOf(packet));
  } else if (type === "sensor_msgs/Image") {
    findings.other("frames");
    const frame = beside && sameClock ? readFrame(data, topic.serialization) : undefined;
    if (frame !== undefined) waiting.frames.push(frame);
  } else if (type === "sensor_msgs/Imu") {
    findings.other("imu");
    if (beside && sameClock) waiting.imu.push(readImu(data, topic.serialization));
  }
}

/** A packet of a message; `last` tells that the message is done. */
interface Read {
  readonly packet: EventPacket;
  readonly last: boolean;
  readonly time: number | undefined;
}

const timeOf = ({ t0, words }: EventPacket): number | undefined =>
  words.length === 0 ? undefined : t0 + words[words.length - 2]!;

/** Reads the messages of one topic; keeps the state of the camera's words from message to message. */
class TopicReader {
  readonly #plan: RosPlan;
  readonly #options: PassOptions;
  readonly #writer = new PacketWriter();
  readonly #decoder: Decoder | undefined;
  #columns = eventColumns(1 << 12);
  #seq: number | undefined;
  #before: Place["state"];

  constructor(plan: RosPlan, options: PassOptions) {
    this.#plan = plan;
    this.#options = options;
    const encoding = encodings.find(({ id }) => id === streamEncodings[plan.encoding]);
    const state = options.from.state;
    this.#decoder = encoding?.createDecoder(plan.sensor, options.fromStart ? undefined : state);
    this.#seq = options.fromStart ? undefined : state?.["seq"];
  }

  /** State behind the message, or in front of it. */
  state(behind: boolean): Readonly<Record<string, number>> {
    return behind ? this.#now() : (this.#before ?? {});
  }

  #now(): Readonly<Record<string, number>> {
    return { ...this.#decoder?.state(), ...(this.#seq === undefined ? {} : { seq: this.#seq }) };
  }

  dropped(): Readonly<Record<string, number>> {
    return this.#decoder?.dropped() ?? {};
  }

  *read(message: RosMessage): Generator<Read> {
    const { data, topic, offset } = message;
    const { findings } = this.#options;
    this.#before = this.#now();
    if (this.#plan.encoding === "event-array") {
      const { head, columns } = readEventArray(data, topic.serialization, this.#columns);
      this.#columns = columns;
      if (columns.count < head.count) {
        const reason = `a message announces ${head.count} events and holds ${columns.count}`;
        findings.damage({ offset, bytes: 0, reason });
      }
      yield* this.#packets();
      return;
    }
    const packet = readEventPacket(data, topic.serialization);
    this.#follow(packet, offset);
    if (packet.encoding !== this.#plan.encoding) {
      findings.damage({ offset, bytes: 0, reason: `a packet in another encoding (${packet.encoding}) is left out` });
      return;
    }
    if (this.#decoder !== undefined) yield* this.#decoded(this.#decoder, packet.events);
    else {
      this.#columns = packetColumns[packet.encoding]!(packet, this.#columns);
      yield* this.#packets();
    }
  }

  /** Numbers of packets rise by one; where they do not, packets have been lost. */
  #follow({ seq }: RosEventPacket, offset: number): void {
    const expected = this.#seq === undefined ? seq : this.#seq + 1;
    if (seq > expected) {
      this.#options.findings.damage({ offset, bytes: 0, reason: `${seq - expected} packets are missing in front of this one` });
      this.#decoder?.resync?.();
    }
    this.#seq = seq;
  }

  *#packets(): Generator<Read> {
    const { findings } = this.#options;
    for (const { packet, last } of packetsOf(this.#columns, this.#plan.sensor, this.#writer, findings))
      yield { packet, last, time: timeOf(packet) };
  }

  *#decoded(decoder: Decoder, bytes: Uint8Array): Generator<Read> {
    let used = 0;
    do {
      used += decoder.decode(bytes.subarray(used), this.#writer);
      const triggers = decoder.triggers();
      const packet = this.#writer.take();
      const beside = besideOf(triggers);
      yield { packet: beside === undefined ? packet : { ...packet, beside }, last: used >= bytes.length, time: decoder.time() };
    } while (used < bytes.length);
  }
}
