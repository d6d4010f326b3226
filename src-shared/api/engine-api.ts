import type { Sensor, StreamInfo, TimeRange } from "../events/sensor.ts";
import type { ParamSpec, RawParams } from "../units/params.ts";
import type { Catalog } from "../units/unit.ts";
import type { UdevRule } from "./camera-help.ts";
import type { BackendReport } from "./compute-api.ts";
import type { Evaluation, JobSample, ModelManifest, RunEvent, RunInfo, RunSpec, RunSpecInput, TrainEstimate } from "./run.ts";
import type { DeviceInfo } from "./devices.ts";
import type {
  ConvertOptions,
  ConvertProgress,
  Guess,
  Pairing,
  Prediction,
  RateStrip,
  RecordingInspection,
  SimulateOptions,
  StreamRef,
  Thumbnail,
} from "./stream-api.ts";

export interface StreamHandle {
  readonly id: string;
  readonly info: StreamInfo;
  /** What `client.ts` turns into a port of its own to the stream worker. */
  readonly endpoint: string;
}

/** A recording in the library. */
export interface RecordingInfo {
  readonly id: string;
  readonly name: string;
  /** Absolute path of the event file. */
  readonly path: string;
  readonly codec: string;
  readonly sensor: Sensor;
  readonly range: TimeRange;
  readonly events: number;
  readonly on: number;
  readonly bytes: number;
  readonly addedAt: number;
  /** Camera, settings, losses, "generated": free text pairs from the sidecar. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Made by a simulator or generator, not by a camera. */
  readonly generated: boolean;
  /** Where a clip is the whole file (data sets, held takes). */
  readonly missing: boolean;
}

/** A class of the workspace. The colour index (0-7, repeating) is stored, not computed from the position. */
export interface ClassInfo {
  readonly id: string;
  readonly name: string;
  /** 1 to 9, then 0: the key to press. */
  readonly key: number;
  readonly color: number;
}

export type SegmentState = "labelled" | "proposed" | "unsure";

/** A labelled (or still unlabelled) span of a recording: what the library shows as a clip. */
export interface Segment {
  readonly id: string;
  readonly recordingId: string;
  readonly start: number;
  readonly end: number;
  /** Absent: unlabelled. */
  readonly classId?: string;
  readonly subject?: string;
  readonly condition?: string;
  readonly author?: string;
  readonly state: SegmentState;
}

export type SegmentPatch = {
  readonly [K in "start" | "end" | "classId" | "subject" | "condition" | "state"]?: Segment[K] | null;
};

/** Every edit of the library. Each has an inverse and is kept in a journal: undo, redo and recovery are one mechanism. */
export type LibraryEdit =
  | { readonly kind: "add-segment"; readonly segment: Omit<Segment, "id"> & { readonly id?: string } }
  | { readonly kind: "update-segment"; readonly id: string; readonly patch: SegmentPatch }
  | { readonly kind: "remove-segment"; readonly id: string }
  | { readonly kind: "add-class"; readonly name: string; readonly key?: number }
  | {
      readonly kind: "update-class";
      readonly id: string;
      readonly patch: { readonly name?: string; readonly key?: number; readonly color?: number };
    }
  /** Its segments become unlabelled. */
  | { readonly kind: "remove-class"; readonly id: string }
  | { readonly kind: "rename-recording"; readonly id: string; readonly name: string }
  /** Takes it out of the index; the file stays. */
  | { readonly kind: "remove-recording"; readonly id: string }
  | { readonly kind: "many"; readonly label: string; readonly edits: readonly LibraryEdit[] };

export interface EditResult {
  /** What was done, for the toast: "Labelled 2.10 s as Rock". */
  readonly label: string;
  /** Ids that came into being, in order. */
  readonly created: readonly string[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

export interface LibraryState {
  /** Grows with every change; pages reload what they show when it does. */
  readonly revision: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly undoLabel?: string;
  readonly redoLabel?: string;
}

/** Which clips to list. Filters of one kind are alternatives, kinds are combined. */
export interface ClipQuery {
  readonly classIds?: readonly (string | null)[];
  readonly subjects?: readonly string[];
  readonly recordingId?: string;
  readonly states?: readonly SegmentState[];
  readonly text?: string;
  readonly offset?: number;
  readonly limit?: number;
}

export interface Clip extends Segment {
  readonly recording: RecordingInfo;
}

export interface ClipPage {
  readonly total: number;
  readonly clips: readonly Clip[];
}

/** Counts for the left column; each under the other filters. */
export interface Facets {
  readonly recordings: number;
  readonly clips: number;
  readonly unlabelled: number;
  readonly unsure: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly subjects: Readonly<Record<string, number>>;
  readonly conditions: Readonly<Record<string, number>>;
}

export interface DatasetInfo {
  readonly name: string;
  readonly layout: string;
  readonly kind: "events" | "images";
  readonly root: string;
  readonly classes: readonly string[];
  readonly samples: number;
  readonly perClass: readonly number[];
  readonly parts: Readonly<Record<string, number>>;
  readonly sensor?: Sensor;
  readonly warnings: readonly string[];
  readonly fingerprint: string;
  readonly generated: boolean;
  /** Which pictures its recordings were filmed from, or which recordings were filmed from its pictures. */
  readonly pairing?: Pairing;
}

/** What a folder looks like as a data set, before it is added. */
export interface FoundFolder {
  /** Id and name of the layout. */
  readonly layout: string;
  readonly label: string;
  readonly kind: "events" | "images";
  readonly classes: readonly string[];
  readonly samples: number;
  readonly warnings: readonly string[];
}

export interface DatasetExportOptions {
  /** How the files lie: a folder for each class, or numbered as in N-MNIST. */
  readonly as?: "folder-per-class" | "n-mnist";
  /** Format of the files: Prophesee RAW, or that of N-MNIST, when absent. */
  readonly codec?: string;
}

export type DatasetExport =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | {
      readonly kind: "done";
      readonly folder: string;
      readonly files: number;
      readonly events: number;
      readonly bytes: number;
      /** Why recordings were left out. */
      readonly warnings: readonly string[];
    };

export interface SamplePage {
  readonly total: number;
  readonly samples: readonly JobSample[];
}

export type Progress =
  | { readonly kind: "progress"; readonly done: number; readonly total?: number; readonly text: string }
  | {
      readonly kind: "done";
      readonly text: string;
      readonly ids?: readonly string[];
      /** Recordings that leave something open which cannot be told for sure from their content. */
      readonly questions?: readonly OpenQuestion[];
    };

/** A recording in the library about which the user should be asked, and what was taken meanwhile. */
export interface OpenQuestion {
  readonly id: string;
  readonly path: string;
  readonly guesses: readonly Guess[];
}

export interface ModelInfo extends ModelManifest {
  readonly path: string;
  readonly bytes: number;
}

export interface WorkspaceInfo {
  readonly path: string;
  readonly name: string;
  /** The bundled demo project: everything in it is generated. */
  readonly demo: boolean;
  readonly freeBytes: number;
  readonly readOnly: boolean;
  /** Something worth saying at start: recovered after an unclean end, restored from a backup, … */
  readonly notices: readonly string[];
}

export interface DirectoryListing {
  readonly path: string;
  readonly parent?: string;
  readonly entries: readonly {
    readonly name: string;
    readonly path: string;
    readonly directory: boolean;
    readonly bytes: number;
  }[];
}

export interface AboutInfo {
  readonly version: string;
  readonly host: "electron" | "server" | "cli" | "test";
  /** Why the browser is used instead of Electron, when it is. */
  readonly hostReason?: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
}

/** What the status bar shows. About once a second. */
export interface SystemStatus {
  readonly memoryBytes: number;
  readonly freeDiskBytes: number;
  readonly backend?: { readonly id: string; readonly device: string };
  readonly run?: { readonly id: string; readonly name: string; readonly fraction: number; readonly secondsLeft: number };
  readonly recording?: { readonly path: string; readonly seconds: number };
  /** A take that is being rewritten in its final format, and how many wait for that. */
  readonly settling?: { readonly name: string; readonly fraction: number; readonly waiting: number };
}

export interface DoctorReport {
  readonly node: string;
  readonly electron: { readonly version: string; readonly found: boolean; readonly reason?: string };
  readonly backends: readonly BackendReport[];
  readonly cameras: readonly DeviceInfo[];
  readonly workspace: WorkspaceInfo;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string; readonly remedy?: string }[];
}

/** What would be installed to give access to a camera, and by whom the administrator is asked; or why that cannot be done from here. */
export interface CameraAccessPlan {
  readonly rule: UdevRule;
  readonly method?: "root" | "pkexec" | "sudo";
  readonly refused?: string;
}

/** A run file with its defaults filled in, what it will use, and every reason against it. */
export interface RunPreview {
  readonly spec: RunSpec;
  readonly classes: readonly string[];
  readonly perClass: readonly {
    readonly label: string;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    readonly source: number;
  }[];
  readonly excludedSource: number;
  readonly warnings: readonly string[];
}

export interface ClassifySettings {
  readonly windowUs?: number;
  readonly strideUs?: number;
  readonly offline?: TimeRange;
}

/** A take as it stands in the library. */
export interface Take {
  readonly recording: RecordingInfo;
  readonly segment?: Segment;
  /** Takes before it, oldest first: the camera was unplugged in between. */
  readonly earlier?: readonly Take[];
}

/** The application core, as pages and commands see it. */
export interface EngineApi {
  about(): Promise<AboutInfo>;
  catalog(): Promise<Catalog>;
  status(): AsyncIterable<SystemStatus>;
  doctor(): Promise<DoctorReport>;
  workspace: {
    info(): Promise<WorkspaceInfo>;
    watch(): AsyncIterable<WorkspaceInfo>;
    /** Closes this workspace and opens another (created when missing). */
    open(path: string): Promise<WorkspaceInfo>;
    /** Opens the user's copy of the bundled demo project, made on first use. */
    openDemo(): Promise<WorkspaceInfo>;
  };
  files: {
    /** For hosts without a native dialog: folders under the allowed roots. Without a path: the roots. */
    browse(path?: string): Promise<DirectoryListing>;
    inspect(path: string, options?: { readonly digest?: boolean; readonly answers?: RawParams }): Promise<RecordingInspection>;
    /** What has been answered about a file that leaves something open, and what can be. */
    readings(path: string): Promise<{ readonly params: ParamSpec; readonly answers: RawParams }>;
    /** Remembers answers about a file in place of earlier ones. */
    remember(path: string, answers: RawParams): Promise<void>;
    convert(options: ConvertOptions): AsyncIterable<ConvertProgress>;
    simulate(options: SimulateOptions): AsyncIterable<ConvertProgress>;
  };
  devices: {
    watch(): AsyncIterable<readonly DeviceInfo[]>;
    list(): Promise<readonly DeviceInfo[]>;
    /** How a camera without permission can be given access. Changes nothing. */
    accessPlan(deviceId: string): Promise<CameraAccessPlan>;
    /** Installs exactly the line that was shown, after the system has asked for the administrator's consent. */
    grantAccess(deviceId: string, line: string): Promise<void>;
  };
  streams: {
    open(ref: StreamRef): Promise<StreamHandle>;
    close(id: string): Promise<void>;
    /** Records a camera stream into the workspace and puts the result into the library, labelled when a class is given. */
    record(id: string, options: { readonly name?: string; readonly beforeUs?: number }): Promise<void>;
    stopRecording(
      id: string,
      label?: { readonly classId?: string; readonly subject?: string; readonly condition?: string },
    ): Promise<Take>;
    /** Begins to record several cameras at once; their takes belong together. All begin, or none does. */
    recordTogether(ids: readonly string[], options?: { readonly name?: string }): Promise<void>;
  };
  library: {
    watch(): AsyncIterable<LibraryState>;
    recordings(query?: {
      readonly text?: string;
      readonly offset?: number;
      readonly limit?: number;
    }): Promise<{ readonly total: number; readonly recordings: readonly RecordingInfo[] }>;
    recording(id: string): Promise<RecordingInfo>;
    classes(): Promise<readonly ClassInfo[]>;
    segments(recordingId: string): Promise<readonly Segment[]>;
    clips(query: ClipQuery): Promise<ClipPage>;
    facets(query?: ClipQuery): Promise<Facets>;
    edit(edit: LibraryEdit): Promise<EditResult>;
    undo(): Promise<EditResult>;
    redo(): Promise<EditResult>;
    /** Adds recordings (files, or folders walked for readable files). Originals stay where they are. */
    add(paths: readonly string[]): AsyncIterable<Progress>;
    /** Remembers what the user says about a file that leaves something open, and reads it anew. */
    answer(recordingId: string, answers: RawParams): Promise<EditResult>;
    thumbnail(recordingId: string, range: TimeRange | undefined): Promise<Thumbnail>;
    rate(recordingId: string, columns: number): Promise<RateStrip>;
    /** `start_us,end_us,class[,subject,condition]` in and out. */
    importLabels(recordingId: string, csv: string): Promise<EditResult>;
    exportLabels(recordingId: string): Promise<string>;
  };
  datasets: {
    list(): Promise<readonly DatasetInfo[]>;
    /** Looks at a folder; nothing when it is laid out like no data set. */
    find(path: string): Promise<FoundFolder | undefined>;
    add(path: string, options: { readonly name: string; readonly layout?: string }): Promise<DatasetInfo>;
    remove(name: string): Promise<void>;
    show(name: string): Promise<DatasetInfo>;
    /**
     * Writes the recordings of a data set as files of their own into a new folder, with a table of what each one is. The folder
     * appears when it is complete; recordings that cannot be read are left out and named.
     */
    export(name: string, folder: string, options?: DatasetExportOptions): AsyncIterable<DatasetExport>;
    samples(query: {
      readonly name: string;
      readonly label?: string;
      readonly offset?: number;
      readonly limit?: number;
    }): Promise<SamplePage>;
    thumbnail(name: string, sampleId: string): Promise<Thumbnail>;
    picture(
      name: string,
      sampleId: string,
    ): Promise<{ readonly width: number; readonly height: number; readonly rgba: Uint8Array }>;
  };
  runs: {
    /** Fills defaults, resolves data and split, refuses what cannot work. Nothing is started. */
    preview(spec: RunSpecInput): Promise<RunPreview>;
    estimate(spec: RunSpecInput): Promise<TrainEstimate>;
    start(spec: RunSpecInput): Promise<string>;
    resume(id: string): Promise<string>;
    /** Stops and keeps the best. */
    stop(id: string): Promise<void>;
    remove(id: string): Promise<void>;
    list(): Promise<readonly RunInfo[]>;
    watchList(): AsyncIterable<readonly RunInfo[]>;
    /** Replays events.jsonl from that line on and goes on live: reload, restart and a second window just work. */
    watch(id: string, from?: number): AsyncIterable<RunEvent>;
  };
  models: {
    list(): Promise<readonly ModelInfo[]>;
    watch(): AsyncIterable<readonly ModelInfo[]>;
    show(id: string): Promise<ModelInfo>;
    remove(id: string): Promise<void>;
    evaluate(
      id: string,
      options: { readonly dataset?: string; readonly split?: "test" | "validation" | "train" | "all"; readonly backend?: string },
    ): Promise<Evaluation>;
    /** The evaluation kept with the model, if there is one. */
    report(id: string): Promise<Evaluation | undefined>;
  };
  inference: {
    start(streamId: string, modelId: string, settings?: ClassifySettings): AsyncIterable<Prediction>;
  };
  settings: {
    get(): Promise<Settings>;
    set(patch: Partial<Settings>): Promise<Settings>;
    watch(): AsyncIterable<Settings>;
  };
}

/** What the user has chosen; kept in one JSON file with a version. Unknown keys are kept. */
export interface Settings {
  readonly version: 1;
  readonly theme: "system" | "dark" | "light";
  readonly palette: "amber-blue" | "light" | "dark" | "cool-warm" | "gray";
  readonly backend: string;
  readonly singleKeys: boolean;
  readonly reducedMotion: boolean;
  readonly tourStep: number;
  readonly lastWorkspace?: string;
  /** Pages keep small things here: column widths, last choices. */
  readonly ui: Readonly<Record<string, string | number | boolean>>;
}

export type { RawParams };
