"""Projects that Django's own runner tests: through manage.py, or through a runtests.py, as Django itself does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regreen.core.workspace import Evidence
from regreen.languages.folders import inside, parent
from regreen.languages.manifest import Manifests, join

PATTERNS = ("test*.py",)  # of the files in which the runner looks for tests
_DJANGO = re.compile(r"\bdjango\b|\bDJANGO_SETTINGS_MODULE\b")


@dataclass(frozen=True, slots=True)
class DjangoTests:
    """How Django's runner is called: arguments for the interpreter, in a folder of the workspace."""

    arguments: tuple[str, ...]
    cwd: str
    evidence: Evidence
    test_dirs: tuple[str, ...] = ()  # () is where the tests are


def find_django(manifests: Manifests, folder: str, owned: tuple[str, ...]) -> DjangoTests | None:
    """Return how Django tests a project; None when it does not."""
    for program in ("runtests.py", "tests/runtests.py"):
        own = _evidence(manifests, join(folder, program))
        if own is not None:
            tests = (join(folder, "tests"),) if "/" in program else ()
            return DjangoTests((program,), folder, own, tests)
    programs = [path for path in owned if path.rpartition("/")[2] == "manage.py" and inside(path, folder)]
    for path in sorted(programs, key=lambda each: (each.count("/"), each)):
        found = _evidence(manifests, path)
        if found is not None:
            return DjangoTests(("manage.py", "test"), parent(path), found)
    return None


def _evidence(manifests: Manifests, path: str) -> Evidence | None:
    text = manifests.tree.read(path) if path in manifests.known else None
    match = None if text is None else _DJANGO.search(text)
    if text is None or match is None:
        return None
    return manifests.evidence("runner", path, text.count("\n", 0, match.start()) + 1)
