"""What a rule of Python is asked about: the case, and the modules of the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from regreen.languages.case import Case


@dataclass(frozen=True)
class PythonCase(Case):
    """One exception of one failed Python test."""

    @classmethod
    def of(cls, case: Case) -> PythonCase:
        """Look at a case as one of Python."""
        return cls(case.result, case.facts, case.project, case.model, case.read)

    def is_own(self) -> bool:
        """Tell whether the exception's class is defined in the workspace."""
        module, dot, _ = self.facts.type.rpartition(".")
        return bool(dot) and module.partition(".")[0] in self.modules_on_top

    @cached_property
    def modules(self) -> dict[str, str]:
        """Return the dotted names of the workspace's modules, with their files."""
        roots = sorted({"", *(_prefix(root) for root in (*self.project.source_roots, self.project.cwd, "src"))})
        found: dict[str, str] = {}
        for path in sorted(self.model.files):
            if not path.endswith(".py"):
                continue
            for root in roots:
                if path.startswith(root):
                    found.setdefault(_dotted(path.removeprefix(root)), path)
        found.pop("", None)
        return found

    @cached_property
    def modules_on_top(self) -> frozenset[str]:
        """Return the first parts of the modules' names."""
        return frozenset(name.partition(".")[0] for name in self.modules)


def _prefix(root: str) -> str:
    return "" if root in (".", "") else root.rstrip("/") + "/"


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("__init__").rstrip("/").replace("/", ".")
