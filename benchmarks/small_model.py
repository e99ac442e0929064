"""A real small model at a real server: is the road right, whatever the model is worth? See docs/models.md.

Run `make model-test`; scripts/install-test-model makes what it needs, outside of the repository.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.bugs import Bug, read_bugs, write
from tests.support.model_desk import SHOP
from tests.support.shell import tree
from tests.support.workspace import parse_files

HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "regreen-tests" / "model"
BUGS = ("missing_colon", "refund_sign", "page_count", "clamp_swapped")
CONTEXT = 2048  # what a model of this size keeps in mind
_START_SECONDS = 120
_REPAIR_SECONDS = 1200


def main() -> int:
    """Measure, print a table, return 1 when the road was wrong."""
    options = _options()
    rows = [row for weights in options.weights for row in _measure(Path(weights), options)]
    print(f"\n{platform.machine()}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}")
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
    wrong = [problem for row in rows for problem in row["wrong"]]
    print("The road was right." if not wrong else f"Wrong: {wrong}")
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", nargs="*", default=[str(each) for each in sorted(HOME.glob("*.gguf"))])
    parser.add_argument("--bugs", nargs="*", default=list(BUGS))
    parser.add_argument("--attempts", type=int, default=2)
    return parser.parse_args()


def _measure(weights: Path, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with served(weights) as url:
        n_replies = n_plans = n_green = n_received = 0
        seconds = 0.0
        wrong: list[str] = []
        cases = [(bug, "small") for bug in read_bugs(*options.bugs)]
        # What no small edit cures: the cascade asks the search engine, a service that nobody runs, and the model.
        cases.append((Bug("two_files", "python", {"red": "test_invoice.py::test_total"}, parse_files(SHOP)), "cascade"))
        for bug, provider in cases:
            document, problems = _repair(bug, url, provider, options.attempts)
            wrong += [f"{bug.name}: {problem}" for problem in problems]
            asked = [each for each in document.get("attempts", ()) if each["usage"]["calls"]]
            n_replies += len(asked)
            n_plans += sum(bool(each["diff"]) for each in asked)
            n_green += sum(each["verdict"] == "green" for each in asked)
            n_received += sum(each["usage"]["tokens_received"] for each in asked)
            seconds += sum(each["seconds"] for each in asked)
            for each in asked:
                print(f"{bug.name}, attempt {each['n']}: {each['verdict']}: {each['reason'][:150]}", flush=True)
    yield {
        "model": weights.name, "bugs": len(cases), "replies": n_replies, "plans that fit": n_plans,
        "green": n_green, "tokens a second": round(n_received / seconds, 1) if seconds else 0.0, "wrong": wrong,
    }  # fmt: skip


def _repair(bug: Bug, url: str, provider: str, n_attempts: int) -> tuple[dict[str, Any], list[str]]:
    """Repair one bug as a person would in the shell; return its document, and what was wrong with the road."""
    with tempfile.TemporaryDirectory() as folder:
        home, root = Path(folder, "home"), Path(folder, "work")
        home.mkdir()
        write(root, {path: text for path, text in bug.files.items() if not path.startswith(("heldout/", "fix/"))})
        before = tree(root)
        (home / "config.toml").write_text(_configuration(url, provider))
        command = [sys.executable, "-m", "regreen", "fix", str(root), "--test", bug.head["red"], "--json"]
        command += ["--provider", provider, "--max-attempts", str(n_attempts)]
        done = subprocess.run(
            command, env=_environment(home), capture_output=True, text=True, timeout=_REPAIR_SECONDS, check=False
        )
        problems = [] if done.returncode in (0, 1) else [f"status {done.returncode}: {done.stderr[-300:]}"]
        if done.returncode and tree(root) != before:
            problems.append("the files changed though nothing was repaired")
        if "Traceback" in done.stderr:
            problems.append(done.stderr[-500:])
        return (json.loads(done.stdout) if done.stdout else {}), problems


def _configuration(url: str, provider: str) -> str:
    nobody = '[[provider]]\nname = "nobody"\nwire = "openai"\nurl = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
    small = f'[[provider]]\nname = "small"\nwire = "openai"\nurl = "{url}"\nmodel = "small"\ncontext = {CONTEXT}\n'
    return (nobody if provider == "cascade" else "") + small + "timeout = 900\n[budget.task]\ntokens = 1000000\n"


def _environment(home: Path) -> Mapping[str, str]:
    ours = {"REGREEN_CONFIG_DIR": str(home), "REGREEN_STATE_DIR": str(home / "state"), "VIRTUAL_ENV": sys.prefix}
    return {**os.environ, **ours, "PYTHONPATH": str(Path(__file__).parents[1] / "server")}


@contextlib.contextmanager
def served(weights: Path) -> Iterator[str]:
    """Serve weights on a free port of loopback; yield the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(HOME / "venv" / "bin" / "python"), "-m", "llama_cpp.server", "--model", str(weights)]
    command += ["--model_alias", "small", "--host", "127.0.0.1", "--port", str(port), "--n_ctx", str(CONTEXT)]
    command += ["--n_threads", str(os.cpu_count() or 2), "--verbose", "False"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models", server)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(url, timeout=2).close()
            return
        time.sleep(0.2)
    raise SystemExit("The server of the model did not start; run scripts/install-test-model again.")


if __name__ == "__main__":
    sys.exit(main())
