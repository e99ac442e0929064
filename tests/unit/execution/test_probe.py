"""The best sandbox is found by trying, and what does not hold is found out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from regreen.core.confine import Network
from regreen.execution import Sandbox, open_sandbox, without_sandbox
from regreen.execution.sandbox.probe import canary
from tests.support.sandboxes import KINDS, ROOT

NOT_THERE = "Bubblewrap does not work here: there is no program bwrap."
SHOW = "from regreen.execution import open_sandbox as o; s = o(); print(s.name, s.network.value, *s.reasons, sep='\\n')"


def test_bubblewrap_is_used_where_it_works() -> None:
    sandbox = open_sandbox()
    assert (sandbox.name, sandbox.network, sandbox.reasons) == ("bubblewrap", Network.LOOPBACK, ())
    assert sandbox.caches


def test_without_bubblewrap_our_own_namespaces_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox = open_sandbox()
    assert (sandbox.name, sandbox.reasons) == ("namespaces", (NOT_THERE,))


def test_without_user_namespaces_the_weak_one_is_used_and_says_so() -> None:
    said = _where_no_more_user_namespaces_are_to_be_had(SHOW)
    name, network, no_bubblewrap, no_namespaces, weak = said.splitlines()
    assert (name, network) == ("landlock", "none")
    assert no_bubblewrap.startswith("Bubblewrap does not work here: ")
    assert no_namespaces.startswith("The sandbox of Regreen's own does not work here: ")
    assert "weak" in weak


@pytest.mark.parametrize("network", Network)
@pytest.mark.parametrize("kind", KINDS)
def test_the_walls_hold_with_every_network(kind: str, network: Network) -> None:
    assert canary(Sandbox(kind, network)) == ""


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("", "it can write outside of the workbench"),
        ("{bwrap} --bind / / --dev /dev --proc /proc", "it can write outside of the workbench"),
    ],
)
def test_a_bubblewrap_that_confines_nothing_is_found_out(
    options: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.run(["which", "bwrap"], capture_output=True, text=True, check=True).stdout.strip()
    fake = tmp_path / "bwrap"
    fake.write_text(f'#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec {options.format(bwrap=real)} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert found in canary(Sandbox("bubblewrap"))
    sandbox = open_sandbox()
    assert sandbox.name == "namespaces"
    assert found in sandbox.reasons[0]


def test_a_bubblewrap_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    sandbox = open_sandbox()
    assert sandbox.name == "namespaces"
    assert "No permissions to create a new namespace" in sandbox.reasons[0]


def test_only_consent_leaves_everything_open() -> None:
    sandbox = without_sandbox()
    assert (sandbox.name, sandbox.consented, sandbox.network) == ("none", True, Network.FULL)


def _where_no_more_user_namespaces_are_to_be_had(code: str) -> str:
    """Run Python in a user namespace whose limit for further ones is zero."""
    script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" -c "$1"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", script, sys.executable, code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "server")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
