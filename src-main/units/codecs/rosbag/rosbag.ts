import type { Codec } from "../codec.ts";
import { rosRecording } from "../ros/recording.ts";
import { latin1 } from "../signatures.ts";
import { openBag } from "./bag.ts";
import { SIGNATURE } from "./records.ts";

/** Bags of ROS 1. */
export const rosbag = {
  id: "rosbag",
  label: "ROS 1 bag",
  summary: "Events of dvs_msgs, prophesee_event_msgs or event_camera_msgs in a bag of ROS 1, finished or not.",
  params: {},
  extensions: [".bag"],
  holds: ["triggers", "frames", "imu"],
  probe: (head) => latin1(head.subarray(0, SIGNATURE.length)) === SIGNATURE,
  open: async (file) => rosRecording(await openBag(file)),
} satisfies Codec;
