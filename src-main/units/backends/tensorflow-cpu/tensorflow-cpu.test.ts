import { describeBackend } from "../testing/describe-backend.ts";
import { tensorflowCpu } from "./tensorflow-cpu.ts";

await describeBackend(tensorflowCpu);
