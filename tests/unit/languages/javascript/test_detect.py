"""What is read off JavaScript and TypeScript projects, each trap of real repositories as a small workspace."""

from __future__ import annotations

import pytest

from regreen.core.workspace import Project
from regreen.languages.javascript.detect import detect
from tests.support.tree import TextTree


def projects(text: str, programs: tuple[str, ...] = ("/usr/bin/node",)) -> list[Project]:
    tree = TextTree(text, programs=programs)
    found = [*detect(tree, "javascript"), *detect(tree, "typescript")]
    return sorted(found, key=lambda project: project.path)


def check(text: str, expected: str) -> None:
    """Compare the projects, one a line: path [language] manager runner: command (in cwd)."""
    found = [
        f"{each.path} [{each.language}] {each.package_manager} {each.runner or '-'}: "
        f"{' '.join(each.test_command)} (in {each.cwd})"
        for each in projects(text)
    ]
    assert found == expected.strip().splitlines()


def package(name: str, **scripts: str) -> str:
    entries = ", ".join(f'"{key.replace("_", ":")}": "{value}"' for key, value in scripts.items())
    return f'{{"name": "{name}", "scripts": {{{entries}}}}}'


def test_a_project_says_everything_about_itself() -> None:
    (project,) = projects(
        """
-- package.json --
{
  "name": "@a/wagon",
  "scripts": {
    "test": "vitest"
  },
  "dependencies": {"tiny": "^1"},
  "devDependencies": {"vitest": "^4"}
}
-- pnpm-lock.yaml --
-- vitest.config.ts --
export default {};
-- src/a.ts --
-- src/a.test.ts --
import { test } from 'vitest';
-- src/generated/b.ts --
-- vendor/c.js --
"""
    )
    assert (project.name, project.language, project.package_manager) == ("@a/wagon", "typescript", "pnpm")
    assert (project.runner, project.interpreter) == ("vitest", "/usr/bin/node")
    assert project.test_command == ("node_modules/.bin/vitest", "run")
    assert (project.test_dirs, project.source_roots) == (("src",), ("src",))
    assert [(each.name, each.group) for each in project.dependencies] == [("tiny", ""), ("vitest", "dev")]
    assert project.prepare == (("pnpm", "install", "--frozen-lockfile"),)
    assert (project.generated, project.vendored) == (("src/generated",), ("vendor",))
    assert {(each.fact, each.file, each.line) for each in project.evidence} == {
        ("name", "package.json", 2),
        ("package_manager", "pnpm-lock.yaml", 1),
        ("runner", "package.json", 4),
        ("test_dirs", "src/a.test.ts", 1),
        ("dependencies", "package.json", 6),
    }
    assert project.confidence == 1.0
    assert project.languages == ("typescript", "javascript")


def test_the_narrowest_script_goes_before_one_that_does_more() -> None:
    check(
        f"""
-- package.json --
{package("w", test="npm run lint && npm run unit", unit="c8 --check ava", lint="eslint .")}
-- test/a.js --
""",
        ". [javascript] npm ava: node_modules/.bin/ava (in .)",
    )


def test_options_that_a_run_needs_are_taken_over_and_others_are_not() -> None:
    check(
        f"""
-- package.json --
{package("w", test="mocha --require test/env --reporter spec --watch --check-leaks test/ && rm -rf /")}
-- test/a.js --
""",
        ". [javascript] npm mocha: node_modules/.bin/mocha --require test/env --check-leaks test/ (in .)",
    )


@pytest.mark.parametrize(
    ("script", "runner", "command"),
    [
        ("vitest --watch", "vitest", "node_modules/.bin/vitest run"),
        ("cross-env NODE_ENV=test jest --coverage", "jest", "node_modules/.bin/jest"),
        ("NODE_OPTIONS=--experimental-vm-modules npx jest -i", "jest", "node_modules/.bin/jest -i"),
        ("node --experimental-vm-modules node_modules/jest/bin/jest.js", "jest", "node_modules/.bin/jest"),
        ("react-scripts test", "jest", "node_modules/.bin/react-scripts test --watchAll=false"),
        ("tsx --test src/*.test.ts", "node:test", "node --import tsx --test src/*.test.ts"),
        ("node --import tsx --test", "node:test", "node --import tsx --test"),
        ("bun test", "bun", "bun test"),
        ("deno test -A", "deno", "deno test -A"),
        ("nyc mocha -r ts-node/register", "mocha", "node_modules/.bin/mocha -r ts-node/register"),
        ("run-s lint unit", "-", ""),
        ("tsc && playwright test", "playwright", "node_modules/.bin/playwright test"),
        ("borp", "node:test", "node_modules/.bin/borp"),
        ('echo \\"Error: no test specified\\" && exit 1', "-", ""),
        ("turbo run test", "-", ""),
    ],
)
def test_runners_are_found_in_scripts(script: str, runner: str, command: str) -> None:
    check(
        f"""
-- package.json --
{package("w", test=script)}
-- src/a.js --
""",
        f". [javascript] npm {runner}: {command} (in .)",
    )


def test_the_lock_names_the_manager_and_the_field_goes_before_it() -> None:
    assert projects("-- package.json --\n{}\n-- yarn.lock --\n-- a.js --\n")[0].package_manager == "yarn"
    assert projects("-- package.json --\n{}\n-- bun.lock --\n-- a.js --\n")[0].package_manager == "bun"
    field = '-- package.json --\n{"packageManager": "yarn@4.1.0"}\n'
    text = f"{field}-- package-lock.json --\n-- yarn.lock --\n-- a.js --\n"
    (project,) = projects(text)
    assert (project.package_manager, project.prepare) == ("yarn", (("yarn", "install", "--immutable"),))


def test_a_bun_lock_alone_makes_no_bun_tests() -> None:
    check(
        """
-- package.json --
{"name": "w", "scripts": {"test": "vitest --run"}}
-- bun.lock --
-- src/a.test.ts --
import { it } from 'vitest';
-- runtime-tests/bun/b.test.ts --
import { it } from 'bun:test';
""",
        ". [typescript] bun vitest: node_modules/.bin/vitest run (in .)",
    )


def test_runners_are_told_apart_by_what_a_file_imports() -> None:
    (project,) = projects(
        """
-- package.json --
{"name": "w", "scripts": {"test": "vitest --run"}}
-- src/a.test.ts --
import { it } from 'vitest';
-- runtime-tests/b.test.ts --
import { it } from 'bun:test';
"""
    )
    assert [(use.name, use.files) for use in project.runners] == [("vitest", ()), ("bun", ("runtime-tests/b.test.ts",))]


def test_members_of_a_workspace_are_projects_and_fixtures_are_not() -> None:
    check(
        f"""
-- package.json --
{{"name": "root", "private": true, "workspaces": ["packages/*", "examples/*", "!packages/old"]}}
-- package-lock.json --
-- packages/a/package.json --
{package("a", test="jest")}
-- packages/a/src/a.ts --
-- packages/a/src/a.test.ts --
-- packages/a/src/__fixtures__/x/package.json --
{package("x", test="jest")}
-- packages/old/package.json --
{package("old")}
-- packages/old/a.js --
-- examples/plain/package.json --
{package("plain")}
-- examples/plain/a.js --
-- examples/tested/package.json --
{package("tested", test="vitest run")}
-- examples/tested/a.test.js --
-- test/fixtures/y/package.json --
{package("y", test="mocha")}
-- dist/package.json --
{{"type": "commonjs"}}
""",
        """
. [typescript] npm -:  (in .)
examples/tested [javascript] npm vitest: node_modules/.bin/vitest run (in examples/tested)
packages/a [typescript] npm jest: node_modules/.bin/jest (in packages/a)
""",
    )


def test_a_member_without_a_word_of_its_own_is_tested_from_the_root() -> None:
    check(
        """
-- package.json --
{"name": "root", "scripts": {"test-unit": "vitest --project unit*", "test": "vitest"},
 "devDependencies": {"vitest": "4"}}
-- pnpm-workspace.yaml --
packages:
  - 'packages/*' # all
-- pnpm-lock.yaml --
-- vitest.config.ts --
-- packages/a/package.json --
{"name": "a"}
-- packages/a/src/a.ts --
-- packages/a/__tests__/a.spec.ts --
""",
        """
. [typescript] pnpm vitest: node_modules/.bin/vitest run --project unit* (in .)
packages/a [typescript] pnpm vitest: node_modules/.bin/vitest run --project unit* packages/a (in .)
""",
    )


def test_a_manifest_that_only_the_ignore_rules_hide_still_counts() -> None:
    text = """
-- package.json --
{"name": "root", "workspaces": ["packages/*"]}
-- packages/a/package.json --
{"name": "a", "scripts": {"test": "jest"}}
-- packages/a/a.test.ts --
"""

    class Hiding(TextTree):
        @property
        def files(self) -> tuple[str, ...]:
            return tuple(path for path in super().files if path != "packages/a/package.json")

    tree = Hiding(text, programs=("/usr/bin/node",))
    assert [project.path for project in detect(tree, "typescript")] == [".", "packages/a"]


def test_an_installed_runner_is_run_by_its_own_file() -> None:
    (project,) = projects(
        """
-- package.json --
{"name": "w", "scripts": {"test": "vitest"}}
-- a.test.js --
-- node_modules/vitest/package.json --
{"name": "vitest", "version": "4.1.0", "bin": {"vitest": "./vitest.mjs"}}
"""
    )
    (use,) = project.runners
    assert (use.program, use.version) == (("node_modules/vitest/vitest.mjs",), "4.1.0")


def test_plug_and_play_has_no_folder_of_programs() -> None:
    (project,) = projects(
        '-- package.json --\n{"scripts": {"test": "jest"}}\n-- yarn.lock --\n-- .pnp.cjs --\n-- a.test.js --\n'
    )
    assert project.test_command == ("yarn", "jest")


def test_settings_name_the_files_that_are_tests() -> None:
    (project,) = projects(
        """
-- package.json --
{"name": "w", "devDependencies": {"vitest": "4"}}
-- vitest.config.ts --
export default { test: { coverage: { include: ['src/**'] }, include: ['checks/**/*.check.{ts,tsx}'] } };
-- checks/a.check.ts --
"""
    )
    assert project.test_patterns == ("checks/*.check.ts", "checks/*.check.tsx")
    assert project.test_dirs == ("checks",)


def test_types_of_a_javascript_package_do_not_make_it_typescript() -> None:
    check(
        """
-- package.json --
{"name": "w", "ava": {"timeout": "1m"}}
-- tsconfig.json --
{}
-- lib/a.js --
-- types/a.d.ts --
-- test-d/a.test-d.ts --
-- test-d/b.ts --
-- test/a.js --
""",
        ". [javascript] npm ava: node_modules/.bin/ava (in .)",
    )


def test_comments_in_json_are_read_and_broken_json_is_a_problem() -> None:
    check(
        """
-- deno.jsonc --
{
  // The tasks.
  "tasks": {"test": "deno test --allow-read", /* more */},
}
-- a_test.ts --
Deno.test('a', () => {});
""",
        ". [typescript] deno deno: deno test --allow-read (in .)",
    )
    (project,) = projects('-- package.json --\n{\n  "name": "w",\n  broken\n}\n-- a.js --\n')
    assert project.problems[0].startswith("package.json:3: this is not valid JSON")


def test_files_without_a_manifest_are_a_project_only_when_they_say_so() -> None:
    check("-- docs/_static/search.js --\n-- main.py --\n", "")
    check(
        "-- a.test.mjs --\nimport test from 'node:test';\n",
        ". [javascript] npm node:test: node --test (in .)",
    )


def test_a_script_that_starts_a_runner_is_seen_through() -> None:
    check(
        f"""
-- package.json --
{package("w", test="node bin/hotfix.js mocha test/unit/**/*.js --timeout 30000 --exit")}
-- test/unit/a.js --
""",
        ". [javascript] npm mocha: node_modules/.bin/mocha --timeout 30000 --exit test/unit/**/*.js (in .)",
    )


def test_the_limits_of_a_coverage_report_are_no_targets() -> None:
    check(
        f"""
-- package.json --
{package("w", test="npm run borp", borp="borp --coverage --check-coverage --lines 95 --functions 95 --branches 95")}
-- test/a.test.js --
""",
        ". [javascript] npm node:test: node_modules/.bin/borp (in .)",
    )


def test_what_a_runner_requires_first_is_no_target() -> None:
    check(
        f"""
-- package.json --
{package("w", test="uvu -r esm test")}
-- test/a.js --
""",
        ". [javascript] npm uvu: node_modules/.bin/uvu -r esm test (in .)",
    )


def test_tests_of_an_example_with_a_package_of_its_own_say_nothing_of_the_workspace() -> None:
    check(
        f"""
-- package.json --
{package("w")}
-- examples/shop/package.json --
{package("shop", start="next dev")}
-- examples/shop/tests/a.test.ts --
import {{ test }} from '@playwright/test';
""",
        ". [typescript] npm -:  (in .)",
    )


@pytest.mark.parametrize(
    ("manifest", "steps"),
    [
        ('{"name": "w"}', ()),
        ('{"name": "w", "devDependencies": {"mocha": "12"}}', (("npm", "install"),)),
        ('{"name": "w", "workspaces": ["packages/*"]}', (("npm", "install"),)),
    ],
)
def test_there_is_nothing_to_install_for_a_package_without_dependencies(
    manifest: str, steps: tuple[tuple[str, ...], ...]
) -> None:
    (project,) = projects(f"-- package.json --\n{manifest}\n-- test/a.js --\n")
    assert project.prepare == steps


def test_a_script_that_runs_a_few_tests_before_all_of_them_runs_all_of_them() -> None:
    check(
        f"""
-- package.json --
{package("w", test="TZ=Asia/Tokyo npm run zone && npm run zone && jest --coverage", zone="jest test/zone.test")}
-- test/zone.test.js --
-- test/more.test.js --
""",
        ". [javascript] npm jest: node_modules/.bin/jest (in .)",
    )


def test_the_tests_of_an_example_do_not_tell_the_runner_of_the_root() -> None:
    check(
        """
-- package.json --
{"name": "w", "workspaces": ["packages/*"], "devDependencies": {"mocha": "12"}}
-- examples/app/package.json --
{"name": "app", "scripts": {"test": "jasmine"}}
-- examples/app/test/a.spec.js --
-- packages/a/package.json --
{"name": "a", "scripts": {"test": "mocha"}}
-- packages/a/test/a.js --
""",
        """. [javascript] npm -:  (in .)
packages/a [javascript] npm mocha: ../../node_modules/.bin/mocha (in packages/a)""",
    )


def test_a_word_in_a_text_is_no_import_of_a_runner() -> None:
    check(
        """
-- package.json --
{"name": "w", "scripts": {"test": "node test/test"}, "devDependencies": {"qunitjs": "2"}}
-- test/test.js --
var names = ['tap', 'tape', 'mocha'];
""",
        ". [javascript] npm -:  (in .)",
    )


def test_qunit_as_a_library_of_a_page_is_no_runner() -> None:
    check(
        """
-- package.json --
{"name": "w", "scripts": {"test": "jtr"}, "devDependencies": {"qunit": "2"}}
-- test/unit/a.js --
QUnit.test('a', (assert) => assert.ok(true));
""",
        ". [javascript] npm -:  (in .)",
    )
