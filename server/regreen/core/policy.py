"""What a person allows: one frozen value, passed along, never looked up, never widened at run time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Sandbox(StrEnum):
    """Where attempts run."""

    COPY = "copy"


# Files that are tests, or serve nothing else: what `Policy.allow_tests` lifts.
TESTS = (
    "**/test_*.py", "**/*_test.py", "**/tests/**", "**/testing/**", "**/test/**", "**/*_test.go", "**/testdata/**",
    "**/*.test.*", "**/*.spec.*", "**/*_spec.*", "**/__tests__/**", "**/__mocks__/**", "**/__snapshots__/**",
    "**/__fixtures__/**", "**/benches/**",
)  # fmt: skip
PROTECTED = (
    *TESTS,
    "**/conftest.py", "**/pytest.ini", "**/.pytest.ini", "**/pytest.toml", "**/.pytest.toml", "**/tox.ini",
    "**/setup.cfg", "**/setup.py", "**/pyproject.toml", "**/requirements*.txt", "**/sitecustomize.py",
    "**/usercustomize.py", "**/*.pth", "**/*.lock", "**/noxfile.py", "**/Makefile", "**/mypy.ini", "**/.mypy.ini",
    "**/pyrightconfig.json",
    "**/go.mod", "**/go.sum", "**/go.work", "**/go.work.sum", "**/vendor/**", "**/.golangci*",
    "**/package.json", "**/package-lock.json", "**/npm-shrinkwrap.json", "**/pnpm-lock.yaml", "**/bun.lockb",
    "**/pnpm-workspace.yaml", "**/tsconfig*.json", "**/jsconfig*.json", "**/jest.config*", "**/jest.setup*",
    "**/vitest.*", "**/vite.config*", "**/.mocharc*", "**/ava.config*", "**/babel.config*", "**/.babelrc*",
    "**/.swcrc", "**/.npmrc", "**/.yarnrc*", "**/.yarn/**", "**/.pnp.*", "**/bunfig.toml", "**/deno.json*",
    "**/node_modules/**", "**/eslint.config*", "**/.eslintrc*", "**/turbo.json", "**/nx.json", "**/lerna.json",
    "**/Cargo.toml", "**/.cargo/**", "**/build.rs", "**/rust-toolchain*", "**/.config/**", "**/clippy.toml",
    "**/.git*", "**/.git/**", "**/.github/**", "**/.gitlab-ci.yml", "**/.vscode/**", "**/.idea/**",
    "**/.devcontainer/**", "**/.husky/**", "**/.pre-commit*", "**/.env*", "**/regreen.toml",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """The envelope of one repair."""

    max_attempts: int = 3
    max_files: int = 3
    max_lines: int = 40  # added and removed, together
    max_candidates: int = 2500  # what the search engine may try for one attempt
    max_runs: int = 90  # the same, where each candidate costs a whole run because there is no warm worker
    allowed: tuple[str, ...] = ("**",)  # globs of paths that may be edited
    protected: tuple[str, ...] = PROTECTED  # globs that may not, whatever `allowed` says
    allow_tests: bool = False  # lifts the protection of test files only, for one run, by the person
    dry_run: bool = False
    test_timeout: float = 600.0  # seconds of wall time for one run of tests
    candidate_timeout: float = 20.0  # seconds of wall time for one candidate
    trusted: bool = True  # an untrusted workspace is indexed, and nothing of it is executed

    def narrowed(self, **limits: int) -> Policy:
        """Return this policy with numeric limits lowered; a higher value changes nothing."""
        return replace(self, **{name: min(value, getattr(self, name)) for name, value in limits.items()})
