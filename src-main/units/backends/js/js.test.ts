import { describeBackend } from "../testing/describe-backend.ts";
import { js } from "./js.ts";

await describeBackend(js);
