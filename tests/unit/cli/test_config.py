"""regreen config: what may be done and who says so; every wrong file ends with status 2, and never with a stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regreen.cli import main
from regreen.core.errors import ExitStatus
from regreen.pages import told

Captured = pytest.CaptureFixture[str]
PROVIDER = '[[provider]]\nname = "one"\nwire = "openai"\nurl = "https://models.example/v1"\nmodel = "m"\n'
STATE = "[state_injection]\n"
BASE = "[[state_injection.database]]\n"
HEADER = PROVIDER + '[[state_injection.auth_header]]\nname = "X-Key"\nenv = "K"\nprovider = "one"\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "w").mkdir()
    monkeypatch.setenv("REGREEN_CONFIG_DIR", str(tmp_path / "home"))
    return tmp_path / "w"


def test_each_value_is_shown_with_its_origin(root: Path, capsys: Captured) -> None:
    (root.parent / "home" / "config.toml").write_text('[policy]\nprofile = "team"\n\nmax_lines = 25\n' + PROVIDER)
    (root / "regreen.toml").write_text("# ours\nmax_files = 1\nmax_attempts = 3\n")
    assert main(["config", str(root), "--json"]) == ExitStatus.DONE
    document = json.loads(capsys.readouterr().out)
    found = {row["key"]: (row["value"], row["origins"][-1]) for row in document["values"]}
    own, theirs = root.parent / "home" / "config.toml", root / "regreen.toml"
    assert found["max_lines"] == (25, {"layer": "user", "place": f"{own}:4"})
    assert found["max_files"] == (1, {"layer": "workspace", "place": f"{theirs}:2"})
    assert found["max_attempts"] == (3, {"layer": "default", "place": ""})
    assert found["protected"][1] == {"layer": "profile", "place": "team"}
    assert found["provider.0.name"] == ("one", {"layer": "user", "place": f"{own}:6"})
    assert document["hints"] == [f"{theirs}:3: max_attempts changes nothing: what holds is as narrow already."]


def test_for_people_there_is_a_line_for_each_value(root: Path, capsys: Captured) -> None:
    (root / "regreen.toml").write_text('hosts = ["localhost"]\n')
    assert main(["config", str(root)]) == ExitStatus.DONE
    out = capsys.readouterr().out
    assert "config.toml: not there" in out
    assert f'[["localhost"]]  [workspace ({root / "regreen.toml"}:1)]' in out


def test_a_check_says_only_whether_the_files_are_good(root: Path, capsys: Captured) -> None:
    (root / "regreen.toml").write_text("max_lines = 500\n")
    assert main(["config", str(root), "--check"]) == ExitStatus.DONE
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("regreen.toml: good")
    assert "max_lines changes nothing" in lines[2]


def test_the_schema_is_printed(root: Path, capsys: Captured) -> None:
    assert main(["config", str(root), "--schema"]) == ExitStatus.DONE
    assert json.loads(capsys.readouterr().out)["title"] == "regreen.toml"


def test_an_untrusted_workspaces_file_is_not_even_read(root: Path, capsys: Captured) -> None:
    (root / "regreen.toml").write_text("nonsense")
    assert main(["config", str(root), "--untrusted", "--json"]) == ExitStatus.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["trusted"] is False
    assert {row["key"]: row["value"] for row in document["values"]}["dry_run"] is True


def test_only_the_folders_that_a_person_lists_are_trusted(root: Path, capsys: Captured) -> None:
    own = root.parent / "home" / "config.toml"
    for folder, trusted in ((root.parent, True), (root, True), (root / "x", False), (root.parent / "home", False)):
        own.write_text(f"[trust]\nfolders = [{json.dumps(str(folder))}]\n")
        assert main(["config", str(root), "--json"]) == ExitStatus.DONE
        assert json.loads(capsys.readouterr().out)["trusted"] is trusted


# In the person's own file: what stands there, where the fault is, and what is said of it.
BAD_OWN = {
    "no TOML": ("[[policy\n", "", "is no TOML"),
    "an unknown table": ("[polcy]\n", ":1", "is “policy” meant?"),
    "an unknown key": ("\n[policy]\nmax_line = 1\n", ":3", "is “max_lines” meant?"),
    "a policy in a list": ("[[policy]]\nmax_lines = 1\n", ":1", "policy"),
    "a policy that is a word": ('policy = "team"\n', ":1", "policy"),
    "an unknown profile": ('[policy]\nprofile = "fast"\n', ":2", "policy.profile"),
    "attempts above the most": ("[policy]\nmax_attempts = 4\n", ":2", "policy.max_attempts"),
    "attempts as a word": ('[policy]\nmax_attempts = "3"\n', ":2", "policy.max_attempts"),
    "no files": ("[policy]\nmax_files = 0\n", ":2", "policy.max_files"),
    "lines as a truth": ("[policy]\nmax_lines = true\n", ":2", "policy.max_lines"),
    "lines as a fraction": ("[policy]\nmax_lines = 1.5\n", ":2", "policy.max_lines"),
    "negative candidates": ("[policy]\nmax_candidates = -5\n", ":2", "policy.max_candidates"),
    "runs as a date": ("[policy]\nmax_runs = 2024-01-01\n", ":2", "policy.max_runs"),
    "endless money": ("[policy]\nmax_money = inf\n", ":2", "policy.max_money"),
    "negative tokens": ("[policy]\nmax_tokens = -1\n", ":2", "policy.max_tokens"),
    "negative rows": ("[policy]\nmax_rows = -1\n", ":2", "policy.max_rows"),
    "a timeout of nothing": ("[policy]\ntest_timeout = 0\n", ":2", "policy.test_timeout"),
    "a timeout of days": ("[policy]\ntest_timeout = 1e6\n", ":2", "policy.test_timeout"),
    "a glob in a list of globs": ('[policy]\nallowed = [["a"]]\n', ":2", "policy.allowed number 1"),
    "a glob that is a number": ("[policy]\nprotected = [1]\n", ":2", "policy.protected number 1"),
    "an empty glob": ('[policy]\nprotected = [""]\n', ":2", "should not be empty"),
    "a glob with braces": ('[policy]\nallowed = ["{a,b}/*"]\n', ":2", "no braces"),
    "commits": ("[policy]\nmax_commits = 0\n", ":2", "makes no commit"),
    "a rule that is lifted for good": ('[policy]\nallow = ["code-eval"]\n', ":2", "for one run only"),
    "a command as one text": ('[policy]\ncommands = ["npm ci"]\n', ":2", "policy.commands number 1"),
    "an empty command": ("[policy]\ncommands = [[]]\n", ":2", "policy.commands number 1"),
    "a command of numbers": ("[policy]\ncommands = [[1]]\n", ":2", "policy.commands number 1"),
    "an unknown action": ('[policy]\nactions = ["deploy"]\n', ":2", "policy.actions number 1"),
    "a host with a scheme": ('[policy]\nhosts = ["https://x"]\n', ":2", "policy.hosts number 1"),
    "a dry run as a word": ('[policy]\ndry_run = "yes"\n', ":2", "policy.dry_run"),
    "trust as a truth": ("trust = true\n", ":1", "trust"),
    "folders as a word": ('[trust]\nfolders = "/home"\n', ":2", "trust.folders"),
    "an unknown key of trust": ("[trust]\nfolder = []\n", ":2", "is “folders” meant?"),
    "a prefix of one letter": (STATE + 'env_prefixes = ["A"]\n', ":2", "env_prefixes number 1"),
    "no prefix": (STATE + 'env_prefixes = [""]\n', ":2", "env_prefixes number 1"),
    "a prefix with a star": (STATE + 'env_prefixes = ["APP_*"]\n', ":2", "env_prefixes number 1"),
    "an unknown key of the state": (STATE + 'env_prefix = ["APP_"]\n', ":2", "is “env_prefixes” meant?"),
    "a database without a name": (BASE + 'url = "sqlite:///a.db"\n', ":1", "name"),
    "a database without an address": (BASE + 'name = "a"\n', ":1", "exactly one of url and env"),
    "a database with two addresses": (BASE + 'name = "a"\nenv = "E"\nurl = "sqlite:///a"\n', ":1", "exactly one of"),
    "a database of another kind": (BASE + 'name = "a"\nurl = "mysql://h/d"\n', ":3", "sqlite:/// or postgresql://"),
    "a database without a file": (BASE + 'name = "a"\nurl = "sqlite://h/d"\n', ":3", "should name a file"),
    "a password written down": (BASE + 'name = "a"\nurl = "postgresql://me:pw@h/d"\n', ":3", "hold no password"),
    "a variable with a sign": (BASE + 'name = "a"\nenv = "$URL"\n', ":3", "env"),
    "a database in a plain table": ("[state_injection.database]\n", ":1", "database"),
    "a header without a provider": ('[[state_injection.auth_header]]\nname = "X"\nenv = "K"\n', ":1", "provider"),
    "a header for nobody": (HEADER.replace('provider = "one"', 'provider = "two"'), "", "no provider is called so"),
    "a header with a blank": (HEADER.replace("X-Key", "X Key"), ":7", "name"),
    "a header with a line end": (HEADER.replace("X-Key", "X\\r\\nY"), ":7", "name"),
    "a header of the connection": (HEADER.replace("X-Key", "Content-Length"), ":7", "connection itself"),
    "a header over an open line": (HEADER.replace("https", "http"), "", "unencrypted"),
    "a header's value written down": (HEADER + 'value = "s3cret-s3cret-s3cret"\n', ":10", "there is no such key"),
    "a provider's key misspelt": (PROVIDER + "contxt = 1\n", ":6", "is “context” meant?"),
    "another's key misspelt": (PROVIDER + PROVIDER.replace("one", "two") + "tmeout = 1\n", ":11", "“two”.tmeout"),
    "a cap misspelt": ("[budget.day]\nmony = 1\n", ":2", "is “money” meant?"),
    "a cap of a day as a word": ('[budget]\nday = "much"\n', ":2", "budget.day"),
    "patience without an end": ("[cascade]\npatience = inf\n", ":2", "cascade.patience"),
}  # fmt: skip
BAD_THEIRS = {
    "no TOML": ("max_lines: 3\n", "", "is no TOML"),
    "a word for a number": ('max_lines = "3"\n', ":1", "max_lines"),
    "a key misspelt": ("\n\nmax_file = 3\n", ":3", "is “max_files” meant?"),
    "a provider": ('\nprovider = "x"\n', ":2", "own config.toml"),
    "a glob that means nothing": ('allowed = [\n  "a/**",\n  "!b/**",\n]\n', ":1", "allowed number 2"),
    "too much": ("#" * 65_000, "", "is larger than"),
}  # fmt: skip


def check_told(arguments: list[str], file: Path, line: str, said: str, capsys: Captured) -> None:
    assert main([*arguments, "--json"]) == ExitStatus.USAGE
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert f"{file}{line}" in error["message"]
    assert said in error["message"]
    assert error["next_step"].endswith(".")
    assert "s3cret" not in captured.out + captured.err
    assert told(error["message"]) in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("fault", BAD_OWN)
def test_a_fault_in_the_persons_own_file_is_told(root: Path, fault: str, capsys: Captured) -> None:
    text, line, said = BAD_OWN[fault]
    own = root.parent / "home" / "config.toml"
    own.write_text(text)
    check_told(["config", str(root), "--check"], own, line, said, capsys)


@pytest.mark.parametrize("fault", BAD_THEIRS)
def test_a_fault_in_the_workspaces_file_is_told(root: Path, fault: str, capsys: Captured) -> None:
    text, line, said = BAD_THEIRS[fault]
    (root / "regreen.toml").write_text(text)
    check_told(["config", str(root), "--check"], root / "regreen.toml", line, said, capsys)
