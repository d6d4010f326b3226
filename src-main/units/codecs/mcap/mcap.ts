import type { Codec } from "../codec.ts";
import { rosRecording } from "../ros/recording.ts";
import { openMcap } from "./container.ts";
import { MAGIC } from "./records.ts";

/** MCAP files of ROS 2 and ROS 1. */
export const mcap = {
  id: "mcap",
  label: "MCAP",
  summary: "Events of dvs_msgs, prophesee_event_msgs or event_camera_msgs in an MCAP file (mcap.dev), finished or not.",
  params: {},
  extensions: [".mcap"],
  holds: ["triggers", "frames", "imu"],
  probe: (head) => head.length >= MAGIC.length && MAGIC.every((byte, i) => head[i] === byte),
  open: async (file) => rosRecording(await openMcap(file)),
} satisfies Codec;
