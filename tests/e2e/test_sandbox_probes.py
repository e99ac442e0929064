"""What can and what cannot be done inside of each sandbox, as root and as a user without rights: the whole matrix."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.sandboxes import ROOT, run_as, users

pytestmark = pytest.mark.e2e
Note = Callable[[str, int, str], None]
N_ESCAPES, N_WORKS = 52, 20

# Every probe is blocked and everything that is to work works, but for what stands here.
_WEAK = """
change a mode outside: open
change times outside: open
rename .git: open
write a git hook: open
write a nested repository's configuration: open
write git's configuration: open
works: a cache: blocked
works: a debugger of its own: blocked
works: a socket in the tree: blocked
"""
_NO_INTERNET = """
works: a datagram to itself: blocked
works: its own loopback: blocked
"""
_INTERNET = """
connect to this machine: open
send a datagram to this machine: open
"""
MATRIX = {
    "bubblewrap": "",
    "namespaces": "",
    "landlock": _WEAK + _NO_INTERNET,
    "bubblewrap+none": _NO_INTERNET,
    "namespaces+none": _NO_INTERNET,
    "bubblewrap+full": _INTERNET,
    "namespaces+full": _INTERNET,
    "landlock+full": _WEAK + _INTERNET,
}


@pytest.fixture
def visible() -> Iterator[Path]:
    """Make a folder that no rule hides: outside of the temporary and the home folders."""
    try:
        folder = Path(tempfile.mkdtemp(dir="/opt", prefix="regreen-probe-"))
    except PermissionError:
        folder = Path(tempfile.mkdtemp(prefix="regreen-probe-"))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("user", users())
@pytest.mark.parametrize("kind", MATRIX)
def test_the_probes_of(kind: str, user: int, visible: Path, survived: Note) -> None:
    if user != visible.stat().st_uid:
        shutil.chown(visible, user, user)
    done = run_as(user, str(ROOT / "tests" / "support" / "probe_driver.py"), kind, str(visible))
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    if kind.endswith("+full"):
        # Whether there is a way to the internet is this machine's affair.
        found["ask a name server"] = "blocked"
    expected = {name: "open" if name.startswith("works: ") else "blocked" for name in found}
    assert found == {**expected, **_exceptions(MATRIX[kind])}
    n_works = sum(name.startswith("works: ") for name in found)
    assert (len(found) - n_works, n_works) == (N_ESCAPES, N_WORKS)
    survived(f"sandbox probes ({kind})", len(found), "as expected")


def _exceptions(text: str) -> dict[str, str]:
    rows = [line.rpartition(": ") for line in text.splitlines() if line]
    return {name: result for name, _, result in rows}
