"""What the scripts of a package run, in the forms that real repositories write them in."""

from __future__ import annotations

import json

import pytest

from regreen.core.workspace import Project
from regreen.languages.javascript.detect import detect
from tests.support.tree import TextTree


def one(text: str) -> Project:
    tree = TextTree(text, programs=("/usr/bin/node",))
    (project,) = (*detect(tree, "javascript"), *detect(tree, "typescript"))
    return project


def package(
    scripts: dict[str, str], *, wireit: dict[str, object] | None = None, files: str = "-- test/a.test.js --\n"
) -> str:
    manifest = json.dumps({"name": "a", "scripts": scripts, "wireit": wireit or {}})
    return f"-- package.json --\n{manifest}\n{files}"


def test_a_list_of_npm_s_scripts_is_followed_to_the_first_that_tests_without_a_browser() -> None:
    scripts = {
        "test": "npm run build && npm run test:all",
        "test:all": "concurrently -c green,blue 'npm:test:only' 'npm:test:browser'",
        "test:browser": "mocha test/browser/index.js",
        "test:only": "mocha test/test.js",
    }
    assert one(package(scripts)).test_command[1:] == ("test/test.js",)


def test_a_star_in_a_list_of_scripts_stands_for_all_of_them() -> None:
    scripts = {"test": 'concurrently "pnpm:ci-*"', "ci-lint": "eslint .", "ci-unit": "vitest"}
    assert one(package(scripts)).runner == "vitest"


def test_scripts_of_wireit_are_read_as_commands() -> None:
    wireit = {
        "test": {"dependencies": ["test:compile", "test:unit", "../other:build", {"script": "x"}]},
        "test:compile": {"command": "tsc --noEmit"},
        "test:unit": {"command": "NODE_OPTIONS=--enable-source-maps uvu test", "dependencies": ["build"]},
    }
    project = one(package({"test": "wireit", "test:compile": "wireit", "test:unit": "wireit"}, wireit=wireit))
    assert (project.runner, project.environment) == ("uvu", (("NODE_OPTIONS", "--enable-source-maps"),))


def test_a_program_that_is_given_the_settings_of_a_runner_runs_it() -> None:
    scripts = {"test": 'MODE=dev node ../run-web-tests.js "dev/**/*_test.js" --config ../web-test-runner.config.js'}
    assert one(package(scripts)).runner == "web-test-runner"


def test_what_only_a_shell_could_tell_is_left_out_of_a_command() -> None:
    scripts = {"test": "node --test --test-concurrency=1 $(find test \\( -name '*-test.js' -o -name '*.test.js' \\))"}
    assert one(package(scripts)).test_command == ("node", "--test-concurrency=1", "--test")


def test_the_value_of_an_option_of_lab_is_no_target() -> None:
    scripts = {"test": "lab -a @hapi/code -t 100 -L -m 5000 -Y"}
    assert one(package(scripts)).test_command[1:] == ("-a", "@hapi/code")


def test_a_root_that_leaves_its_tests_to_the_members_has_none_of_its_own() -> None:
    for text in ("yarn workspaces foreach -A run test", "pnpm -r test", "turbo run test", "nx run-many -t test"):
        scripts = {"test": text, "test:bun": "bun test examples/values.spec.ts"}
        assert one(package(scripts, files="-- examples/values.spec.ts --\n")).runner == ""


def test_a_runner_that_is_called_to_tidy_up_runs_nothing() -> None:
    scripts = {"test": "ava reset-cache && node --import @x/register ../node_modules/ava/entrypoints/cli.js"}
    project = one(package(scripts))
    assert (project.runner, project.test_command[1:]) == ("ava", ())
    assert dict(project.environment) == {"NODE_OPTIONS": "--import @x/register"}


@pytest.mark.parametrize(
    "text",
    [
        "const code = `\nimport { it } from 'node:test';\n`;\n",
        "// import { it } from 'node:test';\n",
        "valid(\"import { it } from 'node:test'\");\n",
        "known({ package: 'node:test' });\n",
    ],
)
def test_a_runner_that_a_test_holds_as_text_runs_nothing(text: str) -> None:
    files = f"-- tests/rule.test.js --\n{text}-- tests/plain.test.js --\ntest('a', () => {{}});\n"
    project = one(package({"test": "vitest"}, files=files))
    assert [use.name for use in project.runners] == ["vitest"]


def test_helpers_beside_the_files_of_a_second_runner_are_not_its_own() -> None:
    files = "-- perf/test/a.test.mts --\nimport { it } from 'node:test';\n-- test/helper.ts --\nexport const a = 1;\n"
    project = one(package({"test": "vitest"}, files=files))
    assert [(use.name, use.files) for use in project.runners][1:] == [("node:test", ("perf/test/a.test.mts",))]
