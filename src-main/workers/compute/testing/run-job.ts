import { readFileSync } from "node:fs";
import type { TrainJob } from "#shared/api/run.ts";
import { createCompute } from "../api.ts";

/* A process that carries out the job in the file it is given and prints its events, one a line; tests kill it. */

const job = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as TrainJob;
const { api, close } = createCompute();
for await (const event of api.train(job)) console.log(JSON.stringify(event));
await close();
