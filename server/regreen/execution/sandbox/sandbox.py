"""A sandbox as it was found to work on this machine: makes the confined start of a command."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regreen.core.confine import Enclosure, Network
from regreen.core.errors import CannotRun
from regreen.core.testing import CommandSpec
from regreen.execution.start import Start, start_plainly

from . import places
from .confined import ConfinedStart
from .launch.order import Order

OFF = "Run with --sandbox off, or set regreen.sandbox, if you trust this code; nothing confines it then."
_GONE_INSIDE = ("XDG_RUNTIME_DIR", "TMPDIR", "TEMP", "TMP")  # they name places that are hidden


@dataclass(frozen=True, slots=True)
class Limits:
    """What a confined run may take."""

    n_processes: int = 512
    n_files: int = 4096
    file_size: int = 1 << 30
    memory: int = 6 << 30  # bytes of all processes together


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What confines a run: "bubblewrap", "namespaces", "landlock" (weak) or "none".

    `start` is an execution.start.Starter. A command without an enclosure is the person's own: it is started plainly.
    """

    name: str
    network: Network = Network.LOOPBACK
    reasons: tuple[str, ...] = ()  # one sentence for each better one that does not work here
    consented: bool = False  # the person said that nothing need confine; only then does "none" start anything
    caches: bool = True  # a layer of memory can be laid over caches; else they are empty inside
    limits: Limits = field(default_factory=Limits)

    def start(self, spec: CommandSpec, environment: Mapping[str, str], fds: tuple[int, ...]) -> Start:
        """Start a command in its enclosure.

        Raises:
            CannotRun: nothing confines and nobody consented, or the enclosure cannot be shown by this sandbox.
        """
        if spec.enclosure is None:
            return start_plainly(spec, environment, fds)
        if self.name == "none":
            return self._start_open(spec, spec.enclosure, environment, fds)
        if self.name == "landlock" and not spec.enclosure.keeper and spec.enclosure.tree != spec.enclosure.root:
            raise CannotRun("The weak sandbox cannot show a copy at the original's path.", next_step=OFF)
        return self._start_closed(spec, spec.enclosure, environment, fds)

    def _start_open(
        self, spec: CommandSpec, where: Enclosure, environment: Mapping[str, str], fds: tuple[int, ...]
    ) -> Start:
        if not self.consented:
            why = " ".join(self.reasons)
            raise CannotRun(
                f"Nothing on this machine can confine the tests of an attempt. {why}".strip(), next_step=OFF
            )
        if where.keeper == 0 and where.tree == where.root:
            return start_plainly(spec, environment, fds)
        order = Order(
            mode="none",
            argv=spec.argv,
            cwd=spec.cwd,
            fds=fds,
            parent=os.getpid(),
            network=self.network.value,
            keeper=where.keeper,
            tree=where.tree,
            root=where.root,
        )
        return ConfinedStart(order, environment)

    def _start_closed(
        self, spec: CommandSpec, where: Enclosure, environment: Mapping[str, str], fds: tuple[int, ...]
    ) -> Start:
        home = next(iter(spec.writable), None)
        private = tempfile.mkdtemp(prefix="regreen-", dir=home) if self.name == "landlock" else ""
        inside = _environment(environment, private, spec.writable)
        order = self._order(spec, where, inside, fds, private)
        return ConfinedStart(order, inside, private)

    def _order(
        self, spec: CommandSpec, where: Enclosure, environment: Mapping[str, str], fds: tuple[int, ...], private: str
    ) -> Order:
        home = places.home_folder()
        closed = places.hidden(home)
        history, elsewhere = places.history_in(where.tree, where.root)
        writable = tuple(os.path.realpath(path) for path in (*spec.writable, *((private,) if private else ())))
        packages = places.linked_packages(spec.cwd, where.root, where.tree)
        wanted = [*places.needed(spec.argv, environment, home, self.network), *packages, *elsewhere, *where.shown]
        shown, links = places.exposed(wanted, closed, (where.root, *writable))
        layered = places.caches(environment, home) if self.caches and not private else ()
        seen = (where.root, *shown, *layered, *writable)
        masked = tuple(
            path
            for path in sorted({*places.secrets(home), *places.listening_sockets()})
            if _is_there(path, where) and (places.is_below(path, seen) or not places.is_below(path, closed))
        )
        return Order(
            mode=self.name,
            argv=spec.argv,
            cwd=spec.cwd,
            fds=fds,
            parent=os.getpid(),
            network=self.network.value,
            keeper=where.keeper,
            tree=where.tree,
            root=where.root,
            hidden=closed,
            made=links,
            shown=shown,
            inlaid=tuple(path for path in sorted(where.shown) if places.is_below(path, (where.root,))),
            layered=layered,
            writable=writable,
            frozen=history,
            masked=masked,
            bubblewrap=shutil.which("bwrap") or "",
            python=sys.executable,
            n_processes=self.limits.n_processes,
            n_files=self.limits.n_files,
            file_size=self.limits.file_size,
            memory=self.limits.memory,
        )


def without_sandbox() -> Sandbox:
    """Return the sandbox that confines nothing, by the person's own consent."""
    return Sandbox("none", Network.FULL, consented=True)


def _environment(environment: Mapping[str, str], private: str, writable: tuple[str, ...]) -> dict[str, str]:
    """Return the environment inside: what names hidden places is left out, or leads to a private folder."""
    kept = {
        name: value
        for name, value in environment.items()
        if name not in _GONE_INSIDE or places.is_below(value, writable)
    }
    if not private:
        return {"TMPDIR": "/tmp", **kept}
    return {"TMPDIR": private, **places.toolchains(places.home_folder()), **kept, "HOME": private}


def _is_there(path: str, where: Enclosure) -> bool:
    if places.is_below(path, (where.root,)):
        path = where.tree + path[len(where.root) :]
    return places.is_there(path) and not Path(path).is_symlink()
