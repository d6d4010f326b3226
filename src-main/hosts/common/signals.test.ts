import { describe, expect, it } from "vitest";
import type { ComputeApi } from "#shared/api/compute-api.ts";
import type { StreamWorkerApi } from "#shared/api/stream-api.ts";
import { connect } from "#shared/channel/channel.ts";
import { forkNode } from "./fork-node.ts";

describe.skipIf(process.platform === "win32")("Ctrl-C in a terminal, which every process of the group gets", () => {
  it.each(["SIGINT", "SIGHUP"] as const)("%s leaves it to the host when workers end", async (signal) => {
    const [stream, compute] = await Promise.all([forkNode("stream"), forkNode("compute")]);
    const streamApi = connect<StreamWorkerApi>(stream.port);
    const computeApi = connect<ComputeApi>(compute.port);
    await Promise.all([streamApi.catalog(), computeApi.hello()]);
    for (const { pid } of [stream, compute]) process.kill(pid ?? 0, signal);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await streamApi.catalog()).codecs.length).toBeGreaterThan(0);
    expect(await computeApi.hello()).toMatchObject({ pid: compute.pid });
    stream.kill();
    compute.kill();
    await Promise.all([stream.exited, compute.exited]);
  });
});
