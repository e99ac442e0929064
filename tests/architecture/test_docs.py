"""What the pages tell and what the product does are the same thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from regreen import __version__
from regreen.app import Settings
from regreen.core.failure import FailureKind
from regreen.lsp.links import kind_page
from tests.architecture import promises
from tests.support.workspace import lay

ROOT = Path(__file__).parents[2]
SETTINGS = "server/regreen/app/settings.py"
PROTOCOL = "server/regreen/lsp/protocol.py"
MANIFEST = "vscode-client/package.json"
PAGES = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "vscode-client" / "README.md")
PLACELESS = (
    *PAGES,
    *(ROOT / "scripts").iterdir(),
    *(ROOT / "vscode-client" / "bundled").glob("*.py"),
    *(ROOT / name for name in ("Makefile", ".ci/run", "pyproject.toml", MANIFEST, "vscode-client/package-lock.json")),
    ROOT / "vscode-client" / ".npmrc",
)


def read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def test_every_setting_has_its_row_and_no_other() -> None:
    real = promises.settings(read(SETTINGS)) | promises.CLIENTS_OWN_SETTINGS
    assert promises.differences(real, promises.told_settings(read("docs/settings.md")), "docs/settings.md") == []


def test_the_client_contributes_every_setting() -> None:
    real = promises.settings(read(SETTINGS)) | promises.CLIENTS_OWN_SETTINGS
    assert promises.differences(real, promises.client_settings(read(MANIFEST)), MANIFEST) == []
    page = "vscode-client/README.md"
    assert promises.differences(real, promises.told_settings(read(page)), page) == []


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_client_describes_a_setting_as_the_server_does(name: str) -> None:
    alias = Settings.model_fields[name].alias
    ours = Settings.model_json_schema()["properties"][alias]
    theirs = promises.client_settings(read(MANIFEST))[f"regreen.{alias}"]
    if "const" in ours:  # a choice of one
        ours = {**ours, "enum": [ours.pop("const")]}
    keys = ("type", "description", "default", "enum", "minimum", "maximum", "exclusiveMinimum")
    assert {key: theirs.get(key) for key in keys} == {key: ours.get(key) for key in keys}


def test_every_custom_message_is_in_its_page() -> None:
    page = "docs/lsp-extensions.md"
    real = promises.messages(read(PROTOCOL))
    assert promises.differences(real, promises.told_messages(read(page)), page) == []


def test_every_command_is_in_its_page() -> None:
    page = "docs/lsp-extensions.md"
    told = promises.told_commands(read(page)) - promises.settings(read(SETTINGS)) - promises.CLIENTS_OWN_SETTINGS
    assert promises.differences(promises.commands(read(PROTOCOL)), told, page) == []


def test_the_client_contributes_every_command() -> None:
    real = promises.commands(read(PROTOCOL)) | promises.CLIENTS_OWN_COMMANDS
    assert promises.differences(real, promises.client_commands(read(MANIFEST)), MANIFEST) == []


def test_the_client_speaks_no_message_that_the_server_does_not_know() -> None:
    spoken = promises.told_messages(read("vscode-client/src/protocol.ts"))
    assert spoken
    assert sorted(spoken - promises.messages(read(PROTOCOL))) == []


def test_every_event_has_its_row() -> None:
    real = promises.events(read("server/regreen/core/events.py"))
    assert promises.differences(real, promises.told_events(read("docs/events.md")), "docs/events.md") == []


def test_every_failure_code_is_explained() -> None:
    page = "docs/failure-kinds.md"
    real = promises.failure_codes(read("server/regreen/core/failure.py"))
    assert promises.differences(real, promises.failure_codes(read(page)), page) == []


@pytest.mark.parametrize("kind", FailureKind, ids=lambda kind: kind.code)
def test_a_diagnostics_link_leads_to_its_kind(kind: FailureKind) -> None:
    assert read(kind_page(kind, "docs")).startswith(f"# {kind.code} {kind.label}\n")


def test_every_shell_command_is_explained() -> None:
    real = promises.shell_commands(read("server/regreen/cli/commands.py"))
    assert promises.differences(real, promises.told_shell_commands(read("docs/cli.md")), "docs/cli.md") == []


def test_every_shell_command_is_in_the_readme() -> None:
    real = promises.shell_commands(read("server/regreen/cli/commands.py"))
    words = set(read("README.md").replace("`", " ").split())
    assert sorted(real - words) == []
    assert sorted(promises.told_shell_commands(read("README.md")) - real) == []


def test_every_link_leads_somewhere() -> None:
    assert promises.broken_links(ROOT, PAGES) == []


def test_the_changelog_keeps_its_form() -> None:
    assert promises.bad_changelog(read("CHANGELOG.md")) == []


def test_server_and_client_have_one_version() -> None:
    assert f'"version": "{__version__}"' in read(MANIFEST)


@pytest.mark.parametrize("path", PLACELESS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_registry_and_no_machine_is_named(path: Path) -> None:
    assert promises.foreign_places(path.read_text("utf-8")) == []


def test_what_is_left_out_and_what_is_made_up_are_found() -> None:
    assert promises.differences({"a", "b"}, {"b", "c"}, "page.md") == [
        "a is not in page.md",
        "page.md tells of c, which does not exist",
    ]


def test_promises_are_read_from_source() -> None:
    assert promises.settings("class Settings:\n    model_config = 1\n    run_on_save: bool = True\n") == {
        "regreen.runOnSave"
    }
    assert promises.events("Event = (\n    A\n    | B\n)\n") == {"A", "B"}
    assert promises.shell_commands('COMMANDS = (Command("fix", "Repair.", x.y, x.z),)') == {"fix"}
    protocol = 'FIX = "regreen/fix"\nCOMMAND_FIX = "regreen.fix"\nOTHER = 1\n'
    assert promises.messages(protocol) == {"regreen/fix"}
    assert promises.commands(protocol) == {"regreen.fix"}
    assert promises.failure_codes('X = ("RG101", "syntax")') == {"RG101"}


def test_promises_are_read_from_pages() -> None:
    page = "| Event |\n|---|\n| `JobStarted` | `regreen.fix`, `regreen/fix`, `regreen serve --tcp`, RG101 |\n"
    assert promises.told_events(page) == {"JobStarted"}
    assert promises.told_commands(page) == {"regreen.fix"}
    assert promises.told_settings(page) == {"regreen.fix"}
    assert promises.told_messages(page) == {"regreen/fix"}
    assert promises.told_shell_commands(page) == {"serve"}


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    lay(
        tmp_path,
        """
-- README.md --
# Two Words, here
[good](docs/a.md) [good](#two-words-here) [away](https://example.org/x) `[code](none.md)`
[bad](docs/b.md) [bad](docs/a.md#none)
-- docs/a.md --
# A
[good](../README.md#two-words-here)
""",
    )
    assert promises.broken_links(tmp_path, tmp_path.rglob("*.md")) == [
        "README.md links to docs/b.md, which does not exist",
        "README.md links to docs/a.md#none, a heading that does not exist",
    ]


def test_a_changelog_in_another_form_is_found() -> None:
    good = "# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n## [0.2.0] - 2026-02-01\n\n## [0.1.0] - 2026-01-01\n"
    assert promises.bad_changelog(good) == []
    bad = "# Changes\n\n## [0.1.0] - 2026-01-01\n\n## [0.2.0] - 2026-02-01\n\n## 0.3\n\n## [0.0.1]\n\n### Notes\n"
    assert promises.bad_changelog(bad) == [
        "the title is not “# Changelog”",
        "“0.3” is neither “[Unreleased]” nor “[1.2.3] - 2026-01-31”",
        "“[0.0.1]” is neither “[Unreleased]” nor “[1.2.3] - 2026-01-31”",
        "the versions do not stand newest first",
        "“Notes” is not one of Added, Changed, Deprecated, Removed, Fixed, Security",
    ]


def test_hosts_and_folders_of_one_machine_are_found() -> None:
    host = "https://" + "registry." + "example.org"
    folder = "/" + "root/"
    assert promises.foreign_places(f'"resolved": "{host}/a.tgz"\ncd {folder}x\n~{folder}y\n') == [folder, host]


def test_each_test_that_a_page_names_exists() -> None:
    names = re.compile(r"`(?:tests/[\w/]+/)?(test_\w+)(\.py)?`")
    tests = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "tests").rglob("test_*.py"))}
    functions = {name for text in tests.values() for name in re.findall(r"def (test_\w+)\(", text)}
    named = [found for page in ("safety", "sandbox") for found in names.findall((ROOT / f"docs/{page}.md").read_text())]
    assert 30 < len(named)
    assert [name for name, file in named if (f"{name}.py" not in tests if file else name not in functions)] == []
