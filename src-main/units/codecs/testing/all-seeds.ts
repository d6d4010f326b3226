import { seeds as aedat1 } from "../aedat1/seeds.ts";
import { seeds as aedat2 } from "../aedat2/seeds.ts";
import { seeds as aedat3 } from "../aedat3/seeds.ts";
import { seeds as aedat4 } from "../aedat4/seeds.ts";
import { seeds as dsecHdf5 } from "../dsec-hdf5/seeds.ts";
import { seeds as eventStream } from "../event-stream/seeds.ts";
import { seeds as hdf5Columns } from "../hdf5-columns/seeds.ts";
import { seeds as mat } from "../mat/seeds.ts";
import { seeds as mcap } from "../mcap/seeds.ts";
import { seeds as nmnistBin } from "../nmnist-bin/seeds.ts";
import { seeds as npy } from "../npy/seeds.ts";
import { seeds as npz } from "../npz/seeds.ts";
import { seeds as propheseeHdf5 } from "../prophesee-hdf5/seeds.ts";
import { seeds as propheseeDat } from "../prophesee-dat/seeds.ts";
import { seeds as propheseeRaw } from "../prophesee-raw/seeds.ts";
import { seeds as ros2Sqlite } from "../ros2-sqlite/seeds.ts";
import { seeds as rosbag } from "../rosbag/seeds.ts";
import { seeds as text } from "../text/seeds.ts";
import { seeds as wire } from "../wire/seeds.ts";
import type { SeedFile } from "./seeds.ts";

const makers = [
  nmnistBin,
  aedat1,
  aedat2,
  aedat3,
  aedat4,
  eventStream,
  npy,
  propheseeHdf5,
  dsecHdf5,
  hdf5Columns,
  propheseeRaw,
  propheseeDat,
  mat,
  mcap,
  npz,
  ros2Sqlite,
  rosbag,
  text,
  wire,
];

let made: Promise<readonly SeedFile[]> | undefined;

/** Small files of every layout of every format, made once. */
export function allSeeds(): Promise<readonly SeedFile[]> {
  made ??= Promise.all(makers.map((make) => make())).then((files) => files.flat());
  return made;
}
