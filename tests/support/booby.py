"""A workspace full of traps: whatever of it is executed leaves a mark with the name of the trap."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

_HOOKS = (
    "applypatch-msg", "fsmonitor-watchman", "post-checkout", "post-commit", "post-index-change", "post-merge",
    "post-rewrite", "pre-auto-gc", "pre-commit", "pre-push", "reference-transaction", "sendemail-validate", "update",
)  # fmt: skip
_PYTHON = "import pathlib; pathlib.Path({mark!r}).touch()\n"
_NODE = "require('fs').writeFileSync({mark!r}, '');\n"
_PYTHON_FILES = (
    "conftest.py", "sitecustomize.py", "usercustomize.py", "setup.py", "test_trap.py", "evil.py", "noxfile.py",
    "manage.py", "tests/conftest.py", "pytest.py", "git.py", "regreen.py", "tomllib.py", "sqlite3.py",
)  # fmt: skip
_NODE_FILES = ("jest.config.js", "vitest.config.js", "index.js", "index.test.js", ".pnpmfile.cjs", "babel.config.js")
_PROGRAMS = (
    ".venv/bin/python", ".venv/bin/python3", ".venv/bin/pytest", "node_modules/.bin/jest", "node_modules/.bin/vitest",
    "node_modules/.bin/tsc", "gradlew", "bin/git", "bin/python3", "bin/node", "bin/go", "bin/cargo", "git", "go",
)  # fmt: skip


class Traps:
    """The traps of one workspace."""

    def __init__(self, root: Path, marks: Path) -> None:
        self.root, self._marks = root, marks
        self._names: list[str] = []
        marks.mkdir(parents=True)
        root.mkdir(parents=True, exist_ok=True)

    @property
    def sprung(self) -> list[str]:
        """Return the names of those that were executed."""
        return sorted(path.name for path in self._marks.iterdir())

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all."""
        return tuple(self._names)

    def lay(self) -> Traps:
        """Lay them all."""
        for path in _PYTHON_FILES:
            self._file(path, _PYTHON.format(mark=self._mark(path)))
        for path in _NODE_FILES:
            self._file(path, _NODE.format(mark=self._mark(path)))
        for path in _PROGRAMS:
            self.program(path)
        self._python()
        self._javascript()
        self._go()
        self._rust()
        self._others()
        return self

    def lay_git(self) -> Traps:
        """Make a repository of it whose configuration, hooks, attributes and filters are traps."""
        subprocess.run(["git", "init", "-q", "-b", "main", str(self.root)], check=True)
        self._git("-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "--allow-empty", "-m", "empty")
        self._file(".gitattributes", "* filter=trap diff=trap merge=trap ident\n")
        self._git("add", "-A")
        self._git("-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "-m", "all")
        for hook in _HOOKS:
            self.program(f".git/hooks/{hook}")
        settings = {
            "core.fsmonitor": "fsmonitor", "core.pager": "pager", "core.editor": "editor", "core.sshCommand": "ssh",
            "core.askPass": "askpass", "core.gitProxy": "gitproxy", "core.alternateRefsCommand": "alternate",
            "filter.trap.clean": "clean", "filter.trap.smudge": "smudge", "filter.trap.process": "process",
            "diff.trap.textconv": "textconv", "diff.external": "external", "diff.trap.command": "command",
            "merge.trap.driver": "driver", "credential.helper": "credential", "gpg.program": "gpg",
            "sequence.editor": "sequence", "pager.cat-file": "pagercat", "uploadpack.packObjectsHook": "pack",
            "remote.origin.uploadpack": "uploadpack", "remote.origin.receivepack": "receivepack",
        }  # fmt: skip
        lines = [
            f'[{_section(key)}]\n\t{key.rpartition(".")[2]} = "{self.command(name)}"' for key, name in settings.items()
        ]
        lines += [f'[alias]\n\t{name} = "!{self.command("alias-" + name)}"' for name in ("cat-file", "status", "st")]
        lines += ['[filter "trap"]\n\trequired = true', f'[core]\n\thooksPath = "{self.root}/.git/hooks"']
        lines += [f'[remote "origin"]\n\turl = "ext::{self.command("ext")}"\n\tpromisor = true']
        with (self.root / ".git" / "config").open("a") as config:
            config.write("\n".join(lines) + "\n[extensions]\n\tpartialClone = origin\n")
        return self

    @property
    def environment(self) -> Mapping[str, str]:
        """Return variables of git that name traps, as a folder's own environment file would set them."""
        return {
            "GIT_EXTERNAL_DIFF": self.command("env-external"), "GIT_PAGER": self.command("env-pager"),
            "GIT_SSH_COMMAND": self.command("env-ssh"), "GIT_ASKPASS": self.command("env-askpass"),
            "GIT_EDITOR": self.command("env-editor"), "GIT_PROXY_COMMAND": self.command("env-proxy"),
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor",
            "GIT_CONFIG_VALUE_0": self.command("env-config"),
            "GIT_TRACE2_EVENT": str(self._marks / "env-trace"), "GIT_TRACE": str(self._marks / "env-trace1"),
        }  # fmt: skip

    def command(self, name: str) -> str:
        """Return a program outside of the workspace's files that leaves a mark."""
        program = self._marks.parent / "programs" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n: > {self._mark(name)}\nexit 1\n")
        program.chmod(0o755)
        return str(program)

    def program(self, path: str) -> None:
        """Lay a program in the workspace."""
        self._file(path, f"#!/bin/sh\n: > {self._mark(path)}\nexit 1\n").chmod(0o755)

    def _python(self) -> None:
        self._file(".venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n")
        lib = ".venv/lib/python3.11/site-packages/"
        self._file(lib + "evil.pth", _PYTHON.format(mark=self._mark("pth")))
        self._file(lib + "pytest/__init__.py", _PYTHON.format(mark=self._mark("site-pytest")))
        self._file(
            "pyproject.toml",
            '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n[project]\nname = "trap"\n'
            'version = "1"\n[tool.pytest.ini_options]\naddopts = "-p evil"\ntestpaths = ["."]\n'
            '[tool.mypy]\nplugins = ["evil"]\n',
        )

    def _javascript(self) -> None:
        scripts = ", ".join(f'"{name}": "{self.command("npm-" + name)}"' for name in ("preinstall", "test", "prepare"))
        self._file("package.json", f'{{"name": "trap", "scripts": {{{scripts}}}, "devDependencies": {{"jest": "1"}}}}')
        self._file(".npmrc", f"script-shell={self.command('npm-shell')}\nnode-options=--require=./index.js\n")
        self._file(".yarnrc.yml", "yarnPath: index.js\n")

    def _go(self) -> None:
        self._file("go.mod", "module trap\n\ngo 1.99.9\n\ntoolchain go1.99.9\n")
        self._file(
            "trap_test.go", 'package trap\n\nimport "testing"\n\n//go:generate ./git\nfunc TestA(t *testing.T) {}\n'
        )

    def _rust(self) -> None:
        runner = self.command("cargo-runner")
        self._file("Cargo.toml", '[package]\nname = "trap"\nversion = "0.1.0"\nbuild = "build.rs"\n')
        self._file("src/lib.rs", "#[test]\nfn a() {}\n")
        self._file("build.rs", f'fn main() {{ std::fs::write("{self._mark("build.rs")}", "").unwrap(); }}\n')
        self._file(
            ".cargo/config.toml", f'[build]\nrustc-wrapper = "{runner}"\n[target.\'cfg(all())\']\nrunner = "{runner}"\n'
        )
        self._file("rust-toolchain.toml", f'[toolchain]\npath = "{self.root}/bin"\n')

    def _others(self) -> None:
        self._file("Makefile", f"all test:\n\t{self.command('make')}\n")
        self._file(".envrc", f"{self.command('envrc')}\n")
        self._file(".vscode/settings.json", '{"regreen.interpreter": "./bin/python3", "regreen.sandbox": "off"}\n')
        self._file(".python-version", "../bin\n")
        self._file("regreen.toml", 'commands = [["./git"]]\n')

    def _file(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def _mark(self, name: str) -> str:
        plain = name.replace("/", "_")
        self._names.append(plain)
        return str(self._marks / plain)

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", "-C", str(self.root), *arguments], check=True, capture_output=True)


def _section(key: str) -> str:
    first, *rest = key.split(".")[:-1]
    return f'{first} "{".".join(rest)}"' if rest else first
