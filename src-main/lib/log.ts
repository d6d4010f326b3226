export type LogLevel = "debug" | "info" | "warning" | "error";

const order: readonly LogLevel[] = ["debug", "info", "warning", "error"];
const threshold = order.indexOf((process.env["SACCADE_LOG"] ?? "warning") as LogLevel);

/** One line on stderr, so that stdout stays free for data. `SACCADE_LOG=debug|info|warning|error` chooses how much. */
export function log(level: LogLevel, scope: string, message: string): void {
  if (order.indexOf(level) < (threshold < 0 ? 2 : threshold)) return;
  console.error(`${new Date().toISOString()} ${level} ${scope}: ${message}`);
}
