"""The same for every test: a home folder of its own, steady property tests, no judgement of a slow machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("steady")

_DOWNLOADS = (
    ("PIP_CACHE_DIR", ".cache/pip"), ("GOCACHE", ".cache/go-build"), ("GOPATH", "go"), ("CARGO_HOME", ".cargo"),
    ("RUSTUP_HOME", ".rustup"), ("npm_config_cache", ".npm"),
)  # fmt: skip


@pytest.fixture(autouse=True, scope="session")
def a_home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the person's own settings, git identity and records out of the tests, and the tests out of them."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        # Downloads and toolchains are no state: tests that build may use what is already there.
        for name, folder in _DOWNLOADS:
            environment.setenv(name, os.environ.get(name) or str(Path.home() / folder))
        for name in [name for name in os.environ if name.startswith(("XDG_", "REGREEN_", "GIT_", "PYTEST_ADDOPTS"))]:
            environment.delenv(name)
        environment.setenv("HOME", str(home))
        environment.setenv("REGREEN_STATE_DIR", str(home / "state"))
        environment.setenv("GIT_CONFIG_NOSYSTEM", "1")
        environment.setenv("LC_ALL", "C.UTF-8")
        yield


@pytest.fixture
def survived(request: pytest.FixtureRequest) -> Callable[[str, int, str], None]:
    """Return what notes a count for the table at the end of the run: (family, how many, with which result)."""

    def note(family: str, count: int, result: str) -> None:
        request.node.user_properties.append(("survived", (family, count, result)))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was survived: how many faults, attacks and races of each family, with which result."""
    rows: dict[tuple[str, str], int] = {}
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, value in report.user_properties if report.when == "call" else ():
            if name == "survived":
                family, count, result = value
                rows[family, result] = rows.get((family, result), 0) + count
    if rows:
        terminalreporter.section("what was survived")
    for (family, result), count in sorted(rows.items()):
        terminalreporter.write_line(f"{family:<44} {count:>8}  {result}")
