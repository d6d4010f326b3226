export { bench, until, type Bench } from "#main/units/drivers/testing/bench.ts";
