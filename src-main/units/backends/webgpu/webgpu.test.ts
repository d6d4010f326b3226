import { describeBackend } from "../testing/describe-backend.ts";
import { webgpu } from "./webgpu.ts";

await describeBackend(webgpu);
