import type { Clip } from "#shared/api/engine-api.ts";
import type { JobSample } from "#shared/api/run.ts";
import type { Library } from "#main/engine/library/library.ts";
import { CLIPS, countsOf, fingerprintOf, type ResolvedDataset } from "./resolved.ts";

/** How the warning about clips of several cameras begins. */
export const MIXED_SENSORS = "The clips come from sensors of different sizes";

const sampleOf = (clip: Clip, label: string, classIndex: number): JobSample => ({
  id: clip.id,
  path: clip.recording.path,
  label,
  classIndex,
  range: { start: clip.start, end: clip.end },
  ...(clip.subject !== undefined && { subject: clip.subject }),
});

/** The labelled clips of the workspace as a data set: classes in the order of their keys' making, clips as they lie. */
export function clipsDataset(library: Library, workspace: string): ResolvedDataset {
  const classes = library.classes();
  const positions = new Map(classes.map(({ id }, index) => [id, index]));
  const { clips } = library.clips({ states: ["labelled"], classIds: classes.map(({ id }) => id) });
  const there = clips.filter(({ recording }) => !recording.missing);
  const samples = there.flatMap((clip) => {
    const index = clip.classId === undefined ? undefined : positions.get(clip.classId);
    const name = index === undefined ? undefined : classes[index]?.name;
    return index === undefined || name === undefined ? [] : [sampleOf(clip, name, index)];
  });
  const sensors = new Map(there.map(({ recording: { sensor } }) => [`${sensor.width}×${sensor.height}`, sensor]));
  const [sensor] = sensors.values();
  const lost = clips.length - there.length;
  const warnings = [
    ...(lost > 0
      ? [`${lost === 1 ? "The file of 1 clip is" : `The files of ${lost} clips are`} missing; they are left out.`]
      : []),
    ...(sensors.size > 1 ? [`${MIXED_SENSORS}: ${[...sensors.keys()].join(", ")}.`] : []),
  ];
  return {
    info: {
      name: CLIPS,
      layout: "workspace",
      kind: "events",
      root: workspace,
      classes: classes.map(({ name }) => name),
      ...countsOf(
        classes.map(({ name }) => name),
        samples,
      ),
      ...(sensors.size === 1 && sensor !== undefined && { sensor }),
      warnings,
      fingerprint: fingerprintOf(samples.map(({ id, label, range }) => `${id} ${label} ${range?.start} ${range?.end}`)),
      generated: there.length > 0 && there.every(({ recording }) => recording.generated),
    },
    samples,
  };
}
