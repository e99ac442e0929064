"""What keeps attempts apart from the person's files: a workbench and a sandbox, found by trying them here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from regreen.checkpoints import CopyCheckpoints, InPlaceCheckpoints, OverlayCheckpoints, Restored
from regreen.core.cancel import Cancellation
from regreen.core.confine import Network, Protection
from regreen.core.errors import Refused
from regreen.core.events import Emit, Notice
from regreen.core.mutation import Mutant, Strength
from regreen.core.policy import Policy
from regreen.core.ports import Checkpoints, Hearing, Trials, Workbench
from regreen.core.testing import CommandSpec, RawRun, TestId
from regreen.execution import LocalExecutor, Sandbox, judge_mutants, open_sandbox, open_trials, without_sandbox

from .settings import Settings

_OPEN = "The sandbox is switched off by the person's own setting."
# These can show a copy at the original's own path.
_SHOWS = frozenset({"bubblewrap", "namespaces"})


@dataclass(frozen=True, slots=True)
class _Picked:
    checkpoints: Checkpoints
    sandbox: Sandbox
    protection: Protection
    running: Callable[[], AbstractContextManager[None]] = nullcontext  # entered while processes of an attempt live


class Isolation:
    """Checkpoints, executor and trials of one workspace, all of one choice. Tried when first needed, and once.

    The choice is made anew when the settings that it depends on change. Any thread may ask.
    """

    def __init__(
        self,
        root: str,
        state_dir: Path,
        ignored: Callable[[str], bool],
        settings: Callable[[], Settings],
        emit: Emit,
        trusted: Callable[[], bool] = lambda: True,
    ) -> None:
        self._root, self._state_dir, self._ignored, self._settings = root, state_dir, ignored, settings
        self._emit = emit
        self._trusted = trusted
        self._lock = threading.Lock()
        self._picked: dict[tuple[str, str, str], _Picked] = {}
        self._saved: frozenset[str] = frozenset()  # files that the editor saved since the workbench was opened

    @property
    def protection(self) -> Protection:
        """Return how attempts are kept apart; tries it when nobody has yet."""
        return self._pick().protection

    def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> AbstractContextManager[Workbench]:
        """Save what the person has, and hand out a workbench: `core.ports.Checkpoints`."""
        self._refuse_untrusted()
        self._saved = frozenset()
        return self._pick().checkpoints.open(cancel, buffers)

    def saved(self, path: str) -> None:
        """Take the editor's word that the person saved a file: work in place leaves it as it is."""
        with self._lock:
            self._saved |= {path}

    def run(self, cancel: Cancellation, spec: CommandSpec, on_report: Callable[[str], None] | None = None) -> RawRun:
        """Run a command, in the sandbox if it has an enclosure: `core.ports.Executor`."""
        self._refuse_untrusted()
        if spec.enclosure is None:
            return LocalExecutor().run(cancel, spec, on_report)
        picked = self._pick()
        with picked.running():
            return LocalExecutor(sandbox=picked.sandbox).run(cancel, spec, on_report)

    @contextmanager
    def open_worker(
        self,
        cancel: Cancellation,
        spec: CommandSpec,
        bench: Workbench,
        wanted: tuple[TestId, ...],
        keep: tuple[TestId, ...],
        policy: Policy,
    ) -> Iterator[Trials]:
        """Open trials with a language's warm worker, in the sandbox."""
        self._refuse_untrusted()
        picked = self._pick()
        with (
            picked.running(),
            open_trials(cancel, spec, bench, wanted, keep, policy, sandbox=picked.sandbox) as trials,
        ):
            yield trials

    def judge(
        self,
        cancel: Cancellation,
        spec: CommandSpec,
        bench: Workbench,
        mutants: tuple[Mutant, ...],
        tests: tuple[TestId, ...],
        hearing: Hearing,
        project: str,
    ) -> Strength:
        """Judge mutants with a language's warm worker, in the sandbox."""
        self._refuse_untrusted()
        picked = self._pick()
        with picked.running():
            return judge_mutants(cancel, spec, bench, mutants, tests, hearing, project, sandbox=picked.sandbox)

    def _refuse_untrusted(self) -> None:
        """Keep everything of an untrusted workspace from being executed: all that is run comes by here."""
        if not self._trusted():
            raise Refused(
                "This workspace is not trusted, so nothing of it is executed.",
                next_step="Trust it in the editor, leave out --untrusted, or list its folder in `[trust]` of your "
                "config.toml.",
                rule="workspace-trust",
            )

    def _pick(self) -> _Picked:
        settings = self._settings()
        key = (settings.workbench, settings.sandbox, settings.network)
        with self._lock:
            if key not in self._picked:
                self._picked[key] = self._try(settings)
            return self._picked[key]

    def _try(self, settings: Settings) -> _Picked:
        network = Network(settings.network)
        sandbox = without_sandbox() if settings.sandbox == "off" else open_sandbox(network)
        reasons = (_OPEN,) if settings.sandbox == "off" else sandbox.reasons
        if settings.workbench == "in-place":
            place = InPlaceCheckpoints(
                self._root,
                self._state_dir,
                self._ignored,
                told=self._restored,
                saved_by_person=lambda: self._saved,
            )
            protection = Protection("in-place", sandbox.name, sandbox.network, reasons)
            return _Picked(place, sandbox, protection, place.running)
        if settings.workbench == "auto":
            overlay = OverlayCheckpoints(self._root, self._state_dir, self._ignored)
            why = overlay.probe()
            if why is None:
                return _Picked(overlay, sandbox, Protection("overlay", sandbox.name, sandbox.network, reasons))
            reasons = (*reasons, why)
        copy = CopyCheckpoints(self._root, self._state_dir, self._ignored, at_original=sandbox.name in _SHOWS)
        return _Picked(copy, sandbox, Protection("copy", sandbox.name, sandbox.network, reasons))

    def _restored(self, restored: Restored) -> None:
        """Tell of what the person changed while attempts worked in place, and of bytes that were set aside."""
        kept = [f"{one.path} stays as it is: {one.why}." for one in restored.conflicts]
        aside = [f"{one.path} was put back; what stood there is kept as {one.copy}." for one in restored.moved]
        for message in (*kept, *aside):
            self._emit(Notice("warning", message))
