import type { FakeStream } from "#main/hosts/testing/fake-host.ts";
import { findDataset } from "#main/units/datasets/detect.ts";

/** A stream worker that walks folders as the real one does, and opens no file. */
export const folderStream = (): FakeStream => ({
  findDataset,
  catalog: () =>
    Promise.resolve({
      ...{ encodings: [], codecs: [], drivers: [], filters: [], datasets: [] },
      representations: [{ id: "event-frame", label: "Frames", summary: "Frames", params: {} }],
    }),
});
