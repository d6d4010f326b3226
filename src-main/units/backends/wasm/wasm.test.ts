import { describeBackend } from "../testing/describe-backend.ts";
import { wasm } from "./wasm.ts";

await describeBackend(wasm);
