// What runs, and ending what this program started: nothing may stay behind.
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { eventually } from "./patience.ts";

const started = new Set<ChildProcess>();

/** Start a program in a process group of its own. */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { ...options, detached: true });
  started.add(child);
  child.once("exit", () => started.delete(child));
  return child;
}

/** End a process group, at last by force. */
export async function end(child: ChildProcess): Promise<void> {
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  signal(child, "SIGTERM");
  await eventually("the end of a process that was asked to end", gone, 10_000).catch(() => undefined);
  signal(child, "SIGKILL");
  await eventually("the end of a process that was killed", gone, 10_000);
}

/** End everything at once: for a person who pressed Ctrl-C. */
export function killAll(): void {
  for (const child of started) {
    signal(child, "SIGKILL");
  }
}

/** List the command lines of the processes that name a folder in their arguments, their environment or as their place. */
export function processesIn(folder: string): string[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return ids.flatMap((id) => {
    try {
      const words = readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return `${words} ${readFileSync(`/proc/${id}/environ`, "utf8")}`.includes(folder) ? [`${id} ${words}`] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, name);
  } catch {
    // The whole group has ended.
  }
}
