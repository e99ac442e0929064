"""What a person allows: one frozen value, passed along, never looked up, never widened at run time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Action(StrEnum):
    """What a repair may do. Files are never created, and nothing is ever committed, pushed or published."""

    EDIT = "edit"
    DELETE = "delete"  # leave nothing in a file
    RUN = "run"  # a preparation step


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


# Protection that nothing lifts, not even for one run: what would widen a policy, hold secrets, or run outside of us.
SACRED = (
    "**/regreen.toml", "**/.git*", "**/.git/**", "**/.env*", "**/.vscode/**", "**/.idea/**", "**/.devcontainer/**",
    "**/.husky/**", "**/.pre-commit*", "**/sitecustomize.py", "**/usercustomize.py", "**/*.pth",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """The envelope of one repair."""

    max_attempts: int = 3
    max_files: int = 3
    max_lines: int = 40  # added and removed, together
    max_candidates: int = 2500  # what the search engine may try for one attempt
    max_runs: int = 90  # the same, where each candidate costs a whole run because there is no warm worker
    max_calls: int | None = None  # of models, for one repair; None: what the budget says
    max_tokens: int | None = None  # sent and received, for one repair
    max_money: float | None = None  # for one repair, in the currency of the person's prices
    max_rows: int = 2000  # of a database's catalogue that may be read; rows of tables are never read
    actions: frozenset[Action] = frozenset({Action.EDIT, Action.RUN})
    allowed: tuple[str, ...] = ("**",)  # globs of paths that may be edited
    within: tuple[tuple[str, ...], ...] = ()  # further sets of globs: each must match, too
    protected: tuple[str, ...] = PROTECTED  # globs that may not, whatever `allowed` says
    sensitive: tuple[str, ...] = ()  # globs of paths that are asked about first, beside the areas that are known
    commands: tuple[tuple[str, ...], ...] | None = None  # beginnings of argv that may be run; None: what we build
    hosts: tuple[tuple[str, ...], ...] = ()  # sets of host patterns of models: each must match; (): any configured
    allow_tests: bool = False  # lifts the protection of test files only, for one run, by the person
    lifted: frozenset[str] = frozenset()  # names of rules that the person lifted for one run
    dry_run: bool = False
    inject_state: bool = True  # whether the person's `[state_injection]` goes into requests
    unconfined: bool = True  # whether attempts may run without a sandbox when the person's settings say so
    test_timeout: float = 600.0  # seconds of wall time for one run of tests
    candidate_timeout: float = 20.0  # seconds of wall time for one candidate
    trusted: bool = True  # an untrusted workspace is indexed, and nothing of it is executed

    def narrowed(self, **limits: int) -> Policy:
        """Return this policy with numeric limits lowered; a higher value changes nothing."""
        return replace(self, **{name: min(value, getattr(self, name)) for name, value in limits.items()})

    def may_run(self, argv: tuple[str, ...]) -> bool:
        """Tell whether a command begins like one that the person listed; without a list, what we build may run."""
        if Action.RUN not in self.actions:
            return False
        return self.commands is None or any(argv[: len(begin)] == begin for begin in self.commands)
