import { describeBackend } from "../testing/describe-backend.ts";
import { tensorflowGpu } from "./tensorflow-gpu.ts";

await describeBackend(tensorflowGpu);
