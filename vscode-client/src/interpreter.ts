// Chooses the Python that runs the server. No editor API here, so that tests reach it without an editor.
import { execFile } from "node:child_process";

export interface Candidate {
  readonly path: string;
  readonly origin: string;
}

export interface Verdict {
  readonly version: string;
  readonly problem: string;
}

export type Probe = (path: string) => Promise<Verdict>;

export interface Choice {
  readonly chosen: Candidate | undefined;
  readonly message: string;
}

/** List the interpreters to ask, in order. A setting is an order: nothing else is tried. */
export function candidates(setting: string, active: string | undefined, platform: NodeJS.Platform): Candidate[] {
  if (setting.trim() !== "") {
    return [{ path: setting.trim(), origin: "the setting regreen.interpreter" }];
  }
  const names = platform === "win32" ? ["python", "py"] : ["python3", "python"];
  const onPath = names.map((path) => ({ path, origin: "the PATH" }));
  return active === undefined ? onPath : [{ path: active, origin: "the Python extension" }, ...onPath];
}

/** Take the first candidate that can run the server; otherwise say what is wrong with each. */
export async function choose(offered: readonly Candidate[], probe: Probe): Promise<Choice> {
  const refused: string[] = [];
  for (const candidate of offered) {
    const verdict = await probe(candidate.path);
    if (verdict.problem === "") {
      return { chosen: candidate, message: `Python ${verdict.version}, ${candidate.path} (from ${candidate.origin})` };
    }
    const version = verdict.version === "" ? "" : ` (Python ${verdict.version})`;
    refused.push(`${candidate.path}${version}, from ${candidate.origin}, ${verdict.problem}`);
  }
  const found = refused.join("; ");
  return { chosen: undefined, message: `Regreen needs Python 3.11 or newer to run its server. Found: ${found}.` };
}

/** Ask an interpreter whether it can run the launcher's server. */
export function prober(launcher: string, timeout = 20_000): Probe {
  return (path) =>
    new Promise((resolve) => {
      execFile(path, [launcher, "--probe"], { timeout, windowsHide: true }, (error, stdout) => {
        resolve(error === null ? verdictOf(stdout) : { version: "", problem: `cannot be run: ${error.message.trim()}` });
      });
    });
}

/** Read the launcher's answer. */
export function verdictOf(output: string): Verdict {
  try {
    const { version, problem } = JSON.parse(output) as Partial<Verdict>;
    if (typeof version === "string" && typeof problem === "string") {
      return { version, problem };
    }
  } catch {
    // Not JSON: something else than a Python answered.
  }
  return { version: "", problem: "is not a Python interpreter" };
}
