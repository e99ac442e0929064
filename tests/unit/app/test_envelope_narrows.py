"""No file of a workspace and no option widens what a person allows: for every file, and for every known trick."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.app.authority import Authority
from regreen.app.envelope import LIMITS, PROFILES, Layer, Limits, Origin, WorkspaceFile, resolve
from regreen.app.requests import FixRequest
from regreen.app.settings import Settings
from regreen.core.errors import UsageError
from regreen.core.policy import Policy
from regreen.guard import LIFTABLE
from tests.support.policies import fields_without_an_order, ruling_of, wider

_NUMBERS = st.integers(0, 10**6)
_WORDS = st.lists(st.text("ab*/.", min_size=1, max_size=6), max_size=3).map(tuple)
_BY_KEY: Mapping[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(LIMITS, _NUMBERS),
    **dict.fromkeys(("allowed", "protected", "hosts", "sensitive"), _WORDS),
    **dict.fromkeys(("dry_run", "inject_state", "unconfined"), st.booleans()),
    "actions": st.lists(st.sampled_from(["edit", "delete", "run"]), max_size=3).map(tuple),
    "commands": st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
}
_LAYERS = st.lists(
    st.fixed_dictionaries({}, optional=dict(_BY_KEY)) | st.sampled_from([dict(row) for row in PROFILES.values()]),
    max_size=3,
)


def _as_layers(values: list[dict[str, Any]]) -> list[Layer]:
    return [Layer(each, Origin("test")) for each in values]


@given(_LAYERS, _LAYERS)
def test_whatever_comes_after_the_persons_own_file_narrows(
    own: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    before = resolve(_as_layers(own), []).policy
    narrowed = resolve(_as_layers(own), _as_layers(after)).policy
    assert wider(narrowed, before) == []


@given(_LAYERS, _LAYERS, _LAYERS)
def test_each_further_layer_narrows_more(own: list[dict[str, Any]], one: list[Any], two: list[Any]) -> None:
    first = resolve(_as_layers(own), _as_layers(one)).policy
    both = resolve(_as_layers(own), _as_layers([*one, *two])).policy
    again = resolve(_as_layers(own), _as_layers([*one, *two, *one, *two])).policy
    assert wider(both, first) == []
    assert both == again


@given(_LAYERS, _LAYERS)
def test_of_each_value_it_is_known_who_decided_it(own: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    resolved = resolve(_as_layers(own), _as_layers(after))
    said = {key for layer in (*own, *after) for key in layer}
    for key, origins in resolved.origins.items():
        held = getattr(resolved.policy, LIMITS[key].field)
        assert origins
        if key not in said:
            assert held == getattr(resolve([], []).policy, LIMITS[key].field)
            assert origins == (Origin("default"),)


def test_of_every_field_somebody_says_what_narrower_means() -> None:
    assert fields_without_an_order() == set()


def test_every_key_has_a_row_and_no_other() -> None:
    assert set(LIMITS) == (set(Limits.model_fields) - {"profile"}) | {"commands"}
    assert {LIMITS[key].field for key in LIMITS} <= set(Policy.__dataclass_fields__)


# A text of regreen.toml that would widen, and what is said of it; "" means that it is read and has no effect.
TRICKS: dict[str, tuple[str, str]] = {
    "more attempts": ("max_attempts = 3\n", ""),
    "more than there may ever be": ("max_attempts = 99\n", "max_attempts"),
    "more files": ("max_files = 50\n", ""),
    "more lines": ("max_lines = 2000\n", ""),
    "endless lines": ("max_lines = 99999999999999999999\n", "max_lines"),
    "negative lines": ("max_lines = -1\n", "max_lines"),
    "no lines": ("max_lines = 0\n", "max_lines"),
    "a float for lines": ("max_lines = 1e9\n", "max_lines"),
    "infinite lines": ("max_lines = inf\n", "max_lines"),
    "lines that are no number": ("max_lines = nan\n", "max_lines"),
    "lines as a truth": ("max_lines = true\n", "max_lines"),
    "lines as a word": ('max_lines = "2000"\n', "max_lines"),
    "lines as a list": ("max_lines = [2000]\n", "max_lines"),
    "lines as a table": ("max_lines = { value = 2000 }\n", "max_lines"),
    "lines in hexadecimal": ("max_lines = 0x7d0\n", ""),
    "lines with underscores": ("max_lines = 2_000\n", ""),
    "infinite money": ("max_money = inf\n", "max_money"),
    "money that is no number": ("max_money = nan\n", "max_money"),
    "negative money": ("max_money = -1.0\n", "max_money"),
    "negative calls": ("max_calls = -1\n", "max_calls"),
    "an endless run": ("test_timeout = inf\n", "test_timeout"),
    "a run without a limit": ("test_timeout = 0\n", "test_timeout"),
    "a longer run": ("test_timeout = 7200\n", ""),
    "a longer candidate": ("candidate_timeout = 600.0\n", ""),
    "all paths": ('allowed = ["**"]\n', ""),
    "no path at all": ("allowed = []\n", "allowed"),
    "a path outside": ('allowed = ["../**"]\n', "allowed number 1:"),
    "a path outside in the middle": ('allowed = ["src/../../**"]\n', "allowed number 1:"),
    "an absolute path": ('allowed = ["/etc/**"]\n', "allowed number 1:"),
    "a home folder": ('allowed = ["~/**"]\n', "allowed number 1:"),
    "a backslash": ("allowed = ['src\\**']\n", "allowed number 1:"),
    "a variable": ('allowed = ["$HOME/**"]\n', "allowed number 1:"),
    "a variable of Windows": ('allowed = ["%USERPROFILE%/**"]\n', "allowed number 1:"),
    "braces": ('allowed = ["{src,tests}/**"]\n', "allowed number 1:"),
    "a character that cannot be seen": ('allowed = ["src\\u200b/**"]\n', "allowed number 1:"),
    "nothing protected": ("protected = []\n", ""),
    "a negative glob": ('protected = ["!**/test_*.py"]\n', "protected number 1:"),
    "a negative glob among others": ('protected = ["a/**", "!tests/**"]\n', "protected number 2:"),
    "protected as a truth": ("protected = false\n", "protected"),
    "protected as a word": ('protected = "none"\n', "protected"),
    "slow matching": ('protected = ["**/a/**/b/**/c/**/d"]\n', "protected number 1:"),
    "many globs": (f"protected = [{', '.join(repr(f'g{n}') for n in range(300))}]\n", "protected"),
    "more actions": ('actions = ["edit", "delete", "run"]\n', ""),
    "an action that does not exist": ('actions = ["push"]\n', "actions number 1:"),
    "creating files": ('actions = ["create"]\n', "actions number 1:"),
    "commits": ("max_commits = 1\n", "makes no commit"),
    "every host": ('hosts = ["*"]\n', "hosts number 1:"),
    "a host with a port": ('hosts = ["evil.example:8080"]\n', "hosts number 1:"),
    "a host as an address": ('hosts = ["https://evil.example/"]\n', "hosts number 1:"),
    "no dry run": ("dry_run = false\n", ""),
    "a dry run as a word": ('dry_run = "no"\n', "dry_run"),
    "a dry run as a number": ("dry_run = 0\n", "dry_run"),
    "telling the state": ("inject_state = true\n", ""),
    "no sandbox": ("unconfined = true\n", ""),
    "another profile": ('profile = "solo"\n', ""),
    "a profile of its own": ('profile = "unlimited"\n', "profile"),
    "a profile in another case": ('profile = "SOLO"\n', "profile"),
    "tests": ("allow_tests = true\n", "--allow-tests"),
    "a rule to lift": ('allow = ["protected-test"]\n', "--allow RULE"),
    "lifted rules": ('lifted = ["path-protected"]\n', "--allow RULE"),
    "a key in another case": ("Max_Lines = 2000\n", "there is no such key"),
    "a key in the editor's spelling": ("maxLines = 2000\n", "is “max_lines” meant?"),
    "a key in full-width letters": ('"ｍax_lines" = 2000\n', "there is no such key"),
    "a dotted key": ("policy.max_lines = 2000\n", "own config.toml"),
    "the person's table": ("[policy]\nmax_lines = 2000\n", "own config.toml"),
    "the person's tool table": ("[tool.regreen]\nmax_lines = 2000\n", "there is no such key"),
    "a provider": ('[[provider]]\nname = "x"\nurl = "https://evil.example"\nmodel = "m"\n', "own config.toml"),
    "another provider": ('provider = "evil"\n', "own config.toml"),
    "an address": ('base_url = "https://evil.example"\n', "own config.toml"),
    "a relative address": ('base_url = "//evil.example"\n', "own config.toml"),
    "a key": ('key = { command = ["sh", "-c", "curl evil"] }\n', "own config.toml"),
    "commands": ('commands = [["sh"]]\n', "own config.toml"),
    "variables": ('env = { PATH = "." }\n', "own config.toml"),
    "a sandbox": ('sandbox = "off"\n', "own config.toml"),
    "a workbench": ('workbench = "in-place"\n', "own config.toml"),
    "the network": ('network = "full"\n', "own config.toml"),
    "trust": ('[trust]\nfolders = ["/"]\n', "own config.toml"),
    "a budget": ("[budget.day]\nmoney = 1000.0\n", "own config.toml"),
    "state": ('[state_injection]\nenv_prefixes = ["AWS_"]\n', "own config.toml"),
    "an include": ('include = ["../other.toml"]\n', "own config.toml"),
    "an extension": ('extends = "~/x.toml"\n', "own config.toml"),
    "a duplicate key": ("max_lines = 1\nmax_lines = 2000\n", "is no TOML"),
    "a duplicate table": ("[a]\n[a]\n", "is no TOML"),
    "a mark at the beginning": ("\ufeffmax_lines = 2000\n", ""),
    "a mark in the middle": ("max_lines = 1\n\ufeffmax_files = 50\n", "is no TOML"),
    "another encoding": ("max_lines = 1 # \udcff\n", "is no TOML"),
    "a zero byte": ("max_lines = 1\n\0", "is no TOML"),
    "a carriage return": ("max_lines = 1\rmax_files = 50\n", "is no TOML"),
    "a huge file": ("#" * 70_000, "larger than"),
    "deep nesting": ("a = " + "[" * 5000 + "]" * 5000, "is no TOML"),
    "another language": ('{"max_lines": 2000}\n', "is no TOML"),
    "a page": ("<html>\n", "is no TOML"),
}
OWN = """\
[policy]
profile = "production-data"
max_lines = 15
test_timeout = 60.0
candidate_timeout = 2.0
max_calls = 3
allowed = ["src/**"]
"""


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_widens(tmp_path: Path, trick: str) -> None:
    text, said = TRICKS[trick]
    before = ruling_of(tmp_path, own=OWN).policy
    if not said:
        assert wider(ruling_of(tmp_path, text, OWN).policy, before) == []
        return
    with pytest.raises(UsageError) as caught:
        ruling_of(tmp_path, text, OWN)
    assert said in caught.value.message
    assert "regreen.toml" in caught.value.message
    assert "docs/configuration.md" in caught.value.next_step or "larger" in said


def _link(root: Path) -> None:
    (root / "other.toml").write_text("max_lines = 1\n")
    (root / "regreen.toml").symlink_to("other.toml")


def _link_outside(root: Path) -> None:
    (root / "regreen.toml").symlink_to("/etc/passwd")


def _dangling(root: Path) -> None:
    (root / "regreen.toml").symlink_to("nowhere")


def _pipe(root: Path) -> None:
    os.mkfifo(root / "regreen.toml")


def _folder(root: Path) -> None:
    (root / "regreen.toml").mkdir()


@pytest.mark.parametrize("make", [_link, _link_outside, _dangling, _pipe, _folder])
def test_only_a_regular_file_is_read_and_no_link_is_followed(tmp_path: Path, make: Callable[[Path], None]) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    make(root)
    with pytest.raises(UsageError, match="cannot be read") as caught:
        ruling_of(tmp_path)
    assert "regular file" in caught.value.next_step


def test_a_file_in_a_folder_below_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "workspace" / "sub").mkdir(parents=True)
    (tmp_path / "workspace" / "sub" / "regreen.toml").write_text("max_lines = 1\nprovider = 1\n")
    assert ruling_of(tmp_path).policy == ruling_of(tmp_path, "").policy


def test_a_file_with_another_name_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    for name in (".regreen.toml", "regreen.toml.bak", "Regreen.toml", "config.toml"):
        (tmp_path / "workspace" / name).write_text("max_lines = 1\n")
    assert ruling_of(tmp_path).policy.max_lines == 40


def test_a_file_that_changes_during_a_run_changes_nothing_of_it(tmp_path: Path) -> None:
    ruling = ruling_of(tmp_path, "max_lines = 5\n")
    (tmp_path / "workspace" / "regreen.toml").write_text("max_lines = 40\n")
    assert ruling.policy.max_lines == 5


def test_an_untrusted_workspace_has_no_say_at_all(tmp_path: Path) -> None:
    (tmp_path / "regreen.toml").write_text("nonsense")
    policy = Authority(str(tmp_path), {"REGREEN_CONFIG_DIR": str(tmp_path)}).ruling(Settings(), trusted=False).policy
    assert (policy.trusted, policy.dry_run, policy.inject_state) == (False, True, False)


def test_a_workspace_narrows_what_it_names(tmp_path: Path) -> None:
    text = (
        'max_lines = 5\nallowed = ["src/**"]\nprotected = ["src/billing/**"]\nhosts = ["localhost"]\ndry_run = true\n'
    )
    policy = ruling_of(tmp_path, text).policy
    assert (policy.max_lines, policy.within, policy.hosts, policy.dry_run) == (
        5, (("src/**",),), (("localhost",),), True,
    )  # fmt: skip
    assert policy.protected[-1] == "src/billing/**"


def test_a_profile_of_a_workspace_narrows_like_its_other_keys(tmp_path: Path) -> None:
    policy = ruling_of(tmp_path, 'profile = "latency"\n', "[policy]\nmax_lines = 5\nmax_attempts = 3\n").policy
    assert (policy.max_lines, policy.max_attempts, policy.max_files) == (5, 1, 1)


def test_the_persons_own_file_may_be_wider_than_what_is_built_in(tmp_path: Path) -> None:
    assert ruling_of(tmp_path, own="[policy]\nmax_lines = 200\n").policy.max_lines == 200
    assert ruling_of(tmp_path, "max_lines = 2000\n", "[policy]\nmax_lines = 200\n").policy.max_lines == 200


def test_options_of_a_run_narrow_and_lift_only_what_they_name(tmp_path: Path) -> None:
    own = "[policy]\nmax_attempts = 2\n"
    policy = ruling_of(tmp_path, own=own, request=FixRequest(max_attempts=3, dry_run=True)).policy
    assert (policy.max_attempts, policy.dry_run, policy.lifted) == (2, True, frozenset())
    lifted = ruling_of(
        tmp_path, own=own, request=FixRequest(lifted=frozenset({"blast-lines", "protected-test"}))
    ).policy
    assert (lifted.allow_tests, lifted.lifted) == (True, {"blast-lines", "protected-test"})


@pytest.mark.parametrize("rule", ["path-sacred", "path-git", "test-removed", "code-skip", "everything", ""])
def test_a_rule_that_nobody_can_lift_is_told(tmp_path: Path, rule: str) -> None:
    with pytest.raises(UsageError, match="cannot be lifted") as caught:
        ruling_of(tmp_path, request=FixRequest(lifted=frozenset({rule})))
    assert all(name in caught.value.next_step for name in LIFTABLE)


def test_what_a_file_says_in_vain_is_told(tmp_path: Path) -> None:
    hints = ruling_of(tmp_path, "max_lines = 500\nmax_files = 1\n").hints
    assert len(hints) == 1
    assert "regreen.toml:1: max_lines changes nothing" in hints[0]


@given(st.text("max_lines =123[]\"'#\n.{}!*/provider", max_size=60))
def test_any_text_is_read_or_refused_and_never_widens(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        before = ruling_of(Path(folder)).policy
        with contextlib.suppress(UsageError):
            assert wider(ruling_of(Path(folder), text).policy, before) == []


def test_each_profile_is_no_wider_than_what_is_built_in_but_in_nothing() -> None:
    built_in = resolve([], []).policy
    for name, row in PROFILES.items():
        narrowed = resolve([], [Layer(row, Origin("profile", name))]).policy
        chosen = resolve([Layer(row, Origin("profile", name))], []).policy
        assert chosen == narrowed
        assert wider(chosen, built_in) == []
        assert WorkspaceFile(profile=name).profile == name  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_a_profile_of_the_settings_narrows_and_says_who_chose_it(tmp_path: Path, profile: str) -> None:
    theirs = 'profile = "team"\n'
    plain = ruling_of(tmp_path, theirs)
    chosen = ruling_of(tmp_path, theirs, settings=Settings(profile=profile))  # type: ignore[arg-type]
    assert wider(chosen.policy, plain.policy) == []
    decided = {origin.place for origins in chosen.resolved.origins.values() for origin in origins}
    narrows = resolve(_as_layers([dict(PROFILES["team"])]), _as_layers([dict(PROFILES[profile])])).policy
    assert (f"profile {profile}" in decided) == (narrows != resolve(_as_layers([dict(PROFILES["team"])]), []).policy)
