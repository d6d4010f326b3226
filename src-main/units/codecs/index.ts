import { aedat1 } from "./aedat1/aedat1.ts";
import { aedat2 } from "./aedat2/aedat2.ts";
import { aedat3 } from "./aedat3/aedat3.ts";
import { aedat4 } from "./aedat4/aedat4.ts";
import type { Codec } from "./codec.ts";
import { dsecHdf5 } from "./dsec-hdf5/dsec-hdf5.ts";
import { eventStream } from "./event-stream/event-stream.ts";
import { hdf5Columns } from "./hdf5-columns/hdf5-columns.ts";
import { mat } from "./mat/mat.ts";
import { mcap } from "./mcap/mcap.ts";
import { nmnistBin } from "./nmnist-bin/nmnist-bin.ts";
import { npy } from "./npy/npy.ts";
import { npz } from "./npz/npz.ts";
import { propheseeHdf5 } from "./prophesee-hdf5/prophesee-hdf5.ts";
import { propheseeDat } from "./prophesee-dat/prophesee-dat.ts";
import { propheseeRaw, propheseeRawEvt2 } from "./prophesee-raw/prophesee-raw.ts";
import { ros2Sqlite } from "./ros2-sqlite/ros2-sqlite.ts";
import { rosbag } from "./rosbag/rosbag.ts";
import { text } from "./text/text.ts";
import { wire } from "./wire/wire.ts";

/**
 * All codecs. The list is explicit; nothing scans folders at run time. A new file gets the first one that writes its extension:
 * `.dat` is Prophesee's before it is AEDAT's.
 */
export const codecs: readonly Codec[] = [
  propheseeRaw,
  propheseeRawEvt2,
  propheseeDat,
  aedat1,
  aedat2,
  aedat3,
  aedat4,
  nmnistBin,
  eventStream,
  npy,
  npz,
  mat,
  rosbag,
  ros2Sqlite,
  mcap,
  wire,
  text,
  propheseeHdf5,
  dsecHdf5,
  hdf5Columns,
];
