"""What the scripts of a package.json call: read as text, never run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

_SEPARATORS = frozenset({"&&", "||", ";", "&", "|"})
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
# A test run may need these; anything else that a script sets is not taken over.
_ENVIRONMENT = re.compile(r"^(?:NODE_OPTIONS|NODE_ENV|BABEL_ENV|TZ|TS_NODE_\w+|TSX_\w+|VITE_\w+)$")
# Narrowest first: a script "test" often does more than test.
ENTRIES = (
    "test:unit", "test-unit", "unit", "unit-test", "unit-tests", "unit:test", "test:lib", "test:functionality",
    "test:run", "test-run", "test:once", "test", "tests", "test:ci", "ci:test", "test:all", "test:node", "test:js",
    "mocha", "jest", "vitest",
)  # fmt: skip
# Programs that run the rest of the line -> how many words of their own stand before it.
_WRAPPERS = {
    "cross-env": 0,
    "cross-env-shell": 0,
    "env": 0,
    "npx": 0,
    "bunx": 0,
    "pnpx": 0,
    "c8": 0,
    "nyc": 0,
    "dotenv": 0,
    "time": 0,
    "exec": 0,
    "nice": 0,
    "xvfb-run": 0,
    "node_modules/.bin/c8": 0,
    "@dotenvx/dotenvx": 0,
    "dotenvx": 1,
    "nx": 9,
    "wireit": 9,
    "istanbul": 1,
    "start-server-and-test": 9,
    "concurrently": 9,
    "is-ci": 9,
}
_MANAGERS = frozenset({"npm", "pnpm", "yarn", "bun"})
_LISTS = frozenset({"run-s", "run-p", "npm-run-all", "npm-run-all2"})
# "npm:build", as concurrently names the scripts that it runs.
_NAMED = re.compile(r"^(?:npm|pnpm|yarn|bun|node):(?P<name>\S+)$")
# Words of a command that runs the same script in the members of a workspace.
_IN_MEMBERS = frozenset(
    ["-r", "--recursive", "-ws", "--workspaces", "foreach", "--filter", "--include", "run-many", "--projects"]
)
_MONOREPO = frozenset({"turbo", "nx", "lerna", "lage", "rush", "wsrun", "ultra", "moon", "bolt"})
# What a runner is called for besides running tests.
_NO_RUN = {"ava": ("reset-cache", "debug"), "jest": ("--clearCache", "--showConfig", "--listTests", "--init"),
    "playwright": ("install",)}  # fmt: skip
_SETTINGS = re.compile(
    r"(?:^|[/=])(?P<runner>vitest|jest|web-test-runner|karma|playwright|wtr)\.(?:config|conf)\.[cm]?[jt]s$"
)
# Names of programs -> the runner that they are. First the ones that are asked for by name.
_PROGRAMS = {
    "vitest": "vitest",
    "jest": "jest",
    "jest-cli": "jest",
    "mocha": "mocha",
    "_mocha": "mocha",
    "ava": "ava",
    "borp": "node:test",
    "tap": "tap",
    "tape": "tape",
    "uvu": "uvu",
    "jasmine": "jasmine",
    "qunit": "qunit",
    "lab": "lab",
    "karma": "karma",
    "wtr": "web-test-runner",
    "web-test-runner": "web-test-runner",
    "poku": "poku",
    "electron-mocha": "mocha",
    "ts-mocha": "mocha",
}
# Programs with a word behind them that makes them a runner.
_WITH_WORD = {
    ("bun", "test"): "bun",
    ("deno", "test"): "deno",
    ("react-scripts", "test"): "jest",
    ("playwright", "test"): "playwright",
    ("craco", "test"): "jest",
    ("react-app-rewired", "test"): "jest",
    ("vue-cli-service", "test:unit"): "jest",
    ("ng", "test"): "karma",
    ("aegir", "test"): "mocha",
    ("cypress", "run"): "cypress",
    ("rstest", "run"): "rstest",
    ("vp", "test"): "vitest",
    ("ember", "test"): "ember",
    ("wp-scripts", "test-unit-js"): "jest",
    ("kcd-scripts", "test"): "jest",
    ("tsdx", "test"): "jest",
    ("dts", "test"): "jest",
}
_SUBSTITUTED = re.compile(r"\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`")  # what only a shell could tell
_FLAGS_OF_TWO = frozenset({"--import", "--require", "-r", "--loader", "--experimental-loader", "--conditions", "-C"})
_SCRIPT = re.compile(r"^[\w./-]+\.[cm]?[jt]s$")
_NODE = frozenset({"node", "tsx", "nodemon", "ts-node"})
_MOST = 40  # scripts that are followed from one entry


@dataclass(frozen=True, slots=True)
class Call:
    """A runner as a script calls it."""

    runner: str
    program: tuple[str, ...]  # as it is called, e.g. ("react-scripts", "test")
    arguments: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    script: str = ""  # the script's name


def scripts_of(scripts: Mapping[str, object], wireit: Mapping[str, object]) -> Mapping[str, object]:
    """Return the scripts of a package, those that Wireit runs as commands of a shell."""
    found = dict(scripts)
    for name, text in scripts.items():
        told = wireit.get(name)
        if text == "wireit" and isinstance(told, Mapping):
            needed = told.get("dependencies")
            needed = [each for each in needed if isinstance(each, str)] if isinstance(needed, list) else []
            own = [each for each in needed if each in scripts]
            found[name] = " && ".join([*(f"npm run {each}" for each in own), str(told.get("command") or "true")])
    return found


def calls_from(scripts: Mapping[str, object], entry: str) -> tuple[Call, ...]:
    """Return the runners that a script calls, those of the scripts that it runs included, in order."""
    return tuple(_calls(scripts, entry, set()))


def entry_script(scripts: Mapping[str, object]) -> str:
    """Return the script that runs the unit tests: the narrowest of those that call a runner, or ""."""
    named = [name for name in ENTRIES if name in scripts]
    others = sorted(name for name in scripts if name.startswith(("test:", "test-")) and name not in named)
    if _is_delegated(scripts, "test"):
        others = []  # These are of single members, or of something beside them.
    for name in (*named, *others):
        if calls_from(scripts, name):
            return name
    return ""


def _is_delegated(scripts: Mapping[str, object], name: str) -> bool:
    """Tell whether a script leaves the tests to the members of a workspace."""
    text = scripts.get(name)
    for words in _commands(text) if isinstance(text, str) else ():
        _, plain = _unwrapped(words)
        head = plain[0] if plain else words[0]
        if head in _MONOREPO or words[0] in _MONOREPO or (words[0] in _MANAGERS and not _IN_MEMBERS.isdisjoint(words)):
            return True
    return False


def _calls(scripts: Mapping[str, object], name: str, seen: set[str]) -> Iterator[Call]:
    text = scripts.get(name)
    if name in seen or not isinstance(text, str) or _MOST < len(seen):
        return
    seen.add(name)
    for words in _commands(text):
        named = [each for word in words if (match := _NAMED.match(word)) for each in _matching(scripts, match["name"])]
        env, words = _unwrapped(words)
        called = named or list(_scripts_run(scripts, words))
        for each in called:
            yield from (replace(call, env=_merged(env, call.env)) for call in _calls(scripts, each, seen))
        call = None if called else _call(words)
        if call is not None:
            yield replace(call, env=_merged(env, call.env), script=name)


def _commands(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the single commands of a shell line, as words."""
    text = _SUBSTITUTED.sub(" ", text.replace("\\\n", " "))
    lexer = shlex.shlex(text, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:
        words = text.split()
    command: list[str] = []
    for word in (*words, ";"):
        if word in _SEPARATORS:
            if command:
                yield tuple(command)
            command = []
        else:
            command.append(word)


def _unwrapped(words: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return the variables that a command sets, and the command behind all that only wraps it."""
    env: dict[str, str] = {}
    while words:
        head = words[0].removeprefix("./").removeprefix("node_modules/.bin/")
        if _ASSIGNMENT.match(words[0]):
            name, _, value = words[0].partition("=")
            if _ENVIRONMENT.match(name) and value:
                env[name] = value
            words = words[1:]
        elif head in _MANAGERS and words[1:2] and words[1] in ("exec", "x", "dlx", "node"):
            words = _after_options(words[2:] if words[1] != "node" else words[1:])
        elif head in ("yarn", "pnpm") and _program_in(words[1:2]):
            words = words[1:]
        elif head == "bun" and words[1:2] and words[1] in ("--bun", "run") and _program_in(words[2:3]):
            words = words[2:]
        elif head in _WRAPPERS:
            words = _after_options(words[1 + _WRAPPERS[head] :])
        else:
            break
    return tuple(env.items()), words


def _program_in(words: tuple[str, ...]) -> bool:
    return bool(words) and words[0] in _PROGRAMS


def _after_options(words: tuple[str, ...]) -> tuple[str, ...]:
    """Skip the options of a wrapper up to the next program; an option's value is skipped with it."""
    for number, word in enumerate(words):
        name = word.removeprefix("./").rpartition("/")[2]
        if word == "--":
            return words[number + 1 :]
        if _ASSIGNMENT.match(word) or name in _PROGRAMS or name in _NODE or name in _MANAGERS or name in _LISTS:
            return words[number:]
        if not word.startswith("-") and (name, "".join(words[number + 1 : number + 2])) in _WITH_WORD:
            return words[number:]
    return tuple(word for word in words if not word.startswith("-"))


def _scripts_run(scripts: Mapping[str, object], words: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of the scripts of the same package that a command runs."""
    head, rest = (words[0], words[1:]) if words else ("", ())
    if head in _LISTS:
        for word in rest:
            yield from _matching(scripts, word)
    elif head in _MANAGERS or (head == "node" and rest[:1] == ("--run",)):
        words = tuple(word for word in rest if word not in ("run", "run-script", "--run", "-s", "--silent", "-w"))
        if head == "bun" and rest[:1] == ("test",):
            return  # Its own runner.
        if words and words[0] in ("t", "tst"):
            words = ("test",)
        if words and words[0] in scripts and not {"-r", "--recursive", "--filter", "-C", "--prefix"} & set(rest):
            yield words[0]


def _matching(scripts: Mapping[str, object], name: str) -> Iterator[str]:
    """Yield the scripts that a name, or one with a star at its end, means."""
    if name.endswith("*"):
        yield from (each for each in scripts if each.startswith(name.rstrip("*")))
    elif name in scripts:
        yield name


def _call(words: tuple[str, ...]) -> Call | None:
    """Recognise a runner in a command."""
    if not words:
        return None
    name = re.sub(r"\.[cm]?js$", "", words[0].removeprefix("./").rpartition("/")[2])
    if (name, "".join(words[1:2])) in _WITH_WORD:
        return Call(_WITH_WORD[name, words[1]], (name, words[1]), words[2:])
    if name in _PROGRAMS:
        runs = _NO_RUN.get(_PROGRAMS[name], ())
        return None if set(runs) & set(words[1:2]) else Call(_PROGRAMS[name], (name,), words[1:])
    if name in _NODE:
        return _node_call(words)
    return None


def _node_call(words: tuple[str, ...]) -> Call | None:
    """Recognise `node --test`, `tsx --test`, and a runner's own file that node is given."""
    for number, word in enumerate(words[1:], 1):
        if word == "--test" or word.startswith("--test-"):
            others = tuple(each for each in words[1:] if each != "--test")
            return Call("node:test", (words[0], "--test"), others)
        name = word.removeprefix("./").rpartition("/")[2]
        stem = re.sub(r"\.[cm]?js$", "", name)
        package = re.search(r"node_modules/(?P<name>[\w-]+)/", word)
        stem = package["name"] if package is not None and package["name"] in _PROGRAMS else stem
        if not word.startswith("-") and stem in _PROGRAMS and ("node_modules" in word or "bin/" in word):
            before = words[1:number]
            flags = " ".join(
                each
                for at, each in enumerate(before)
                if each.startswith("-") or (at and before[at - 1] in _FLAGS_OF_TWO)
            )
            return Call(_PROGRAMS[stem], (stem,), words[number + 1 :], (("NODE_OPTIONS", flags),) if flags else ())
    if 2 < len(words) and _SCRIPT.search(words[1]) and words[2] in _PROGRAMS:
        return _call(words[2:])  # A script of the package that starts what is named behind it.
    told = next((match for word in words[2:] if (match := _SETTINGS.search(word))), None)
    if told is not None:  # A program of the package that is given a runner's settings.
        return Call(_PROGRAMS.get(told["runner"], told["runner"]), tuple(words[:2]), ())
    return None


def _merged(outer: tuple[tuple[str, str], ...], inner: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple({**dict(outer), **dict(inner)}.items())
