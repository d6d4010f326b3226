import { describeBackend } from "../testing/describe-backend.ts";
import { wasmPlain } from "./wasm.ts";

await describeBackend(wasmPlain);
