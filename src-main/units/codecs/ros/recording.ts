import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { Findings } from "../findings.ts";
import { PassRecording } from "../recording.ts";
import { eventArrayHead } from "./event-array.ts";
import { packetColumns, readEventPacket, streamEncodings } from "./event-packet.ts";
import { FieldReader, ShortMessage } from "./fields.ts";
import { typeName, type RosMessage, type RosMessages, type RosTopic } from "./messages.ts";
import { rosPass, type RosPlan } from "./pass.ts";

const ARRAYS = ["dvs_msgs/EventArray", "prophesee_event_msgs/EventArray"];
const PACKETS = ["event_camera_msgs/EventPacket", "event_array_msgs/EventArray"];
/** Bags up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_BYTES = 16 << 20;
/** How far behind the first message with events other topics are looked for where the bag lists none (bytes). */
const LOOK_BYTES = 8 << 20;

const isEvents = ({ type }: RosTopic): boolean => [...ARRAYS, ...PACKETS].includes(typeName(type));

/** What the first message of a topic tells; `undefined` when it holds no events that can be read here. */
function planOf(message: RosMessage): RosPlan | undefined {
  const { topic, data } = message;
  try {
    if (ARRAYS.includes(typeName(topic.type))) {
      const { width, height } = eventArrayHead(new FieldReader(data, topic.serialization));
      return { topic, sensor: { width, height }, encoding: "event-array" };
    }
    const { width, height, encoding } = readEventPacket(data, topic.serialization);
    return { topic, sensor: { width, height }, encoding };
  } catch (error) {
    if (error instanceof ShortMessage) return undefined;
    throw error;
  }
}

const isSize = ({ width, height }: Sensor): boolean => width > 0 && height > 0 && width <= 16_384 && height <= 16_384;

/** The first topic with events, by its first message, and the names of the others. */
async function choose(messages: RosMessages): Promise<{ readonly plan: RosPlan; readonly others: readonly string[] }> {
  let plan: RosPlan | undefined;
  let unread = "";
  const listed = messages.topics().some(isEvents);
  let foundAt = Infinity;
  for await (const message of messages.walk(messages.start, new Findings())) {
    if (plan !== undefined && (listed || message.offset - foundAt > LOOK_BYTES)) break;
    if (plan !== undefined || !isEvents(message.topic)) continue;
    const found = planOf(message);
    if (found === undefined || found.encoding === "trigger") continue;
    const known = found.encoding === "event-array" || found.encoding in packetColumns || found.encoding in streamEncodings;
    if (known && isSize(found.sensor)) {
      plan = found;
      foundAt = message.offset;
    } else unread = known ? `a sensor of ${found.sensor.width}×${found.sensor.height}` : `the encoding “${found.encoding}”`;
  }
  const topics = messages.topics();
  if (plan === undefined) throw noEvents(messages.name, topics, unread);
  const chosen = plan.topic.id;
  return { plan, others: topics.filter((topic) => topic.id !== chosen && isEvents(topic)).map(({ name }) => name) };
}

function noEvents(name: string, topics: readonly RosTopic[], unread: string): AppError {
  if (unread !== "") {
    return new AppError("unsupported", `${name} holds events with ${unread}, which cannot be read`, {
      hint: "Encodings evt3, evt2, evt21, mono, libcaer and libcaer_cmp are read.",
    });
  }
  const names = topics.slice(0, 8).map((topic) => `${topic.name} (${topic.type})`);
  const found = names.length === 0 ? "no messages" : names.join(", ");
  const [code, what] = topics.some(isEvents)
    ? (["empty", "no message with events"] as const)
    : (["unsupported", "no topic with events"] as const);
  return new AppError(code, `${name} holds ${what}: found ${found}`, {
    hint: "Expected messages of dvs_msgs/EventArray, prophesee_event_msgs/EventArray or event_camera_msgs/EventPacket.",
  });
}

/** The recording of a bag's first topic with events. @throws AppError when there is none. */
export async function rosRecording(messages: RosMessages): Promise<PassRecording> {
  const { plan, others } = await choose(messages);
  const recording = new PassRecording({
    info: { sensor: plan.sensor, label: basename(messages.name) },
    encoding: streamEncodings[plan.encoding] ?? plan.encoding,
    metadata: {
      topic: plan.topic.name,
      type: plan.topic.type,
      ...(others.length === 0 ? {} : { remark: `other topics with events are not read: ${others.join(", ")}` }),
    },
    start: messages.start,
    end: messages.size,
    pass: (options) => rosPass(messages, plan, options),
    close: () => messages.close(),
  });
  if (messages.size <= MEASURE_BYTES) await recording.measure();
  return recording;
}
