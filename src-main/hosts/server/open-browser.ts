import { spawn } from "node:child_process";

/** The command that opens an address in the user's browser. */
export function openCommand(
  url: string,
  platform: NodeJS.Platform = process.platform,
): readonly [command: string, args: readonly string[]] {
  if (platform === "darwin") return ["open", [url]];
  if (platform === "win32") return ["rundll32", ["url.dll,FileProtocolHandler", url]]; // no shell: "&" in addresses
  return ["xdg-open", [url]];
}

/** Opens the default browser. The answer is whether there was a program to do it; the address is printed in any case. */
export function openBrowser(url: string): Promise<boolean> {
  const [command, args] = openCommand(url);
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
