"""How much a model is sent: our requests, against the runner's output that they replace. See docs/models.md.

    python -m benchmarks.context [--bugs NAME ...]

Counts tokens as the product does, on the safe side, over the saved failures of tests/data; with `--bugs` also over
bugs of tests/bugs (names or languages), whose tests are run for it. Prints one JSON line for each language.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.classify_corpus import failures_of

from regreen.core.cancel import Cancellation
from regreen.core.failure import Failure
from regreen.core.policy import Policy
from regreen.core.ports import Trials
from regreen.core.repair import Answer, NoIdea, RepairRequest
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Project, WorkspaceModel
from regreen.guard import Redactor
from regreen.languages import language_for
from regreen.providers.models.request import build_request, tokens_of
from regreen.providers.models.tokens import n_tokens
from tests.support.bugs import Bug, read_bugs, repair_bug, write
from tests.support.fakes import PROJECT

DATA = Path(__file__).parents[1] / "tests" / "data"
_RAW = {"go": ("go", "test", "./..."), "javascript": ("node", "--test"), "rust": ("cargo", "test", "--offline")}
_SECONDS = 300


@dataclass(frozen=True)
class Sizes:
    """Tokens: what the runner printed, that with the workspace's own files, and our whole request."""

    raw: int
    raw_and_files: int
    ours: int


@dataclass
class Listener:
    """A provider that keeps what it is asked and has no idea."""

    asked: list[RepairRequest] = field(default_factory=list)
    name: str = "listener"

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Keep the request; its texts are read while they are there."""
        del cancel, trials
        files = {path: request.sources[path] for path in request.model.files}
        self.asked.append(replace(request, sources=files))
        return NoIdea(self.name, "Only listening.")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bugs", nargs="*", default=[], help="bugs or languages of tests/bugs")
    options = parser.parse_args()
    for language in ("python", "go", "javascript", "rust"):
        _print("saved failures", language, tuple(_saved(language)))
    bugs = read_bugs(*options.bugs) if options.bugs else ()
    for language in dict.fromkeys(bug.language for bug in bugs):
        _print("bugs", language, tuple(_of_bugs([bug for bug in bugs if bug.language == language])))
    return 0


def _saved(language: str) -> Iterator[Sizes]:
    for line in (DATA / f"failures_{language}.jsonl").read_text("utf-8").splitlines():
        case = {"results": {}, **json.loads(line)}
        failure = next((one for one in failures_of(case) if one.kind.editable), None)
        if failure is not None and case["files"]:
            yield _sizes(_request(failure, language, case), str(case["output"]))


def _of_bugs(bugs: list[Bug]) -> Iterator[Sizes]:
    for bug in bugs:
        with tempfile.TemporaryDirectory() as folder:
            listener = Listener()
            repair_bug(bug, Path(folder, "ours"), listener)
            if listener.asked:
                write(Path(folder, "raw"), {path: text for path, text in bug.files.items() if not _is_hidden(path)})
                yield _sizes(listener.asked[0], _printed(bug, Path(folder, "raw")))


def _is_hidden(path: str) -> bool:
    return path.startswith(("heldout/", "fix/"))


def _printed(bug: Bug, root: Path) -> str:
    """Return what the runner prints when a person runs everything."""
    command = _RAW.get(bug.language, ("python", "-m", "pytest"))
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=_SECONDS, check=False)
    return done.stdout + done.stderr


def _sizes(request: RepairRequest, raw: str) -> Sizes:
    files = sum(n_tokens(text) for path, text in request.sources.items() if path in request.model.files)
    return Sizes(n_tokens(raw), n_tokens(raw) + files, tokens_of(build_request(request, Redactor().clean)))


def _request(failure: Failure, language: str, case: Mapping[str, Any]) -> RepairRequest:
    files: dict[str, str] = case["files"]
    project: Project = replace(PROJECT, language=language, runner=case["label"]["runner"])
    model = WorkspaceModel(
        case["label"].get("cwd") or "/workspace", projects=(project,), files=MappingProxyType(_facts(files))
    )
    return RepairRequest(failure, (failure.test,), (), project, model, files, (), Policy())


def _facts(files: Mapping[str, str]) -> dict[str, FileFacts]:
    known = {path: language_for(path) for path in files}
    return {
        path: language.outline(path, SourceText(files[path])) if language else FileFacts(path, "", "")
        for path, language in known.items()
    }


def _print(what: str, language: str, found: tuple[Sizes, ...]) -> None:
    if not found:
        return
    row = {
        "of": what,
        "language": language,
        "n": len(found),
        "raw output": _middle([each.raw for each in found]),
        "largest raw output": max(each.raw for each in found),
        "raw output and files": _middle([each.raw_and_files for each in found]),
        "our request": _middle([each.ours for each in found]),
        "our largest request": max(each.ours for each in found),
        "smaller than output and files": sum(each.ours < each.raw_and_files for each in found),
    }
    print(json.dumps(row), flush=True)


def _middle(counts: list[int]) -> int:
    return round(statistics.median(counts))


if __name__ == "__main__":
    raise SystemExit(main())
