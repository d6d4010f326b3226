import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import type { ComputeApi } from "#shared/api/compute-api.ts";
import type { TrainJob } from "#shared/api/run.ts";
import { connect } from "#shared/channel/channel.ts";
import { multiplex } from "#main/lib/multiplex.ts";
import { fromStream } from "#main/lib/pipe-port.ts";
import { workerEntry } from "#main/lib/paths.ts";

/* Stands in for main: starts the compute worker, trains the job of the given file and prints what it hears; tests kill it. */

const child = spawn(process.execPath, [workerEntry("compute")], { stdio: ["ignore", "inherit", "inherit", "overlapped"] });
const wire = child.stdio[3] as Duplex;
wire.on("error", (error) => console.error(`wire: ${error.message}`));
const compute = connect<ComputeApi>(multiplex(fromStream(wire)).main);
console.log(JSON.stringify({ kind: "hello", ...(await compute.hello()) }));
const job = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as TrainJob;
for await (const event of compute.train(job)) console.log(JSON.stringify(event));
wire.end();
