import { benchDecode, describeDecodeBench } from "#main/units/codecs/bench.ts";
import { benchFilters } from "#main/units/filters/bench.ts";

/*
 * node bench/events.ts [--events n]
 * Decoding kernels beside their plain twins and a C loop of ours (where a C compiler is there), and the filters.
 */

const at = process.argv.indexOf("--events");
const events = at < 0 ? undefined : Number(process.argv[at + 1]);
const options = events === undefined ? {} : { events };
console.log(describeDecodeBench(await benchDecode(options)));
console.table(benchFilters(options));
