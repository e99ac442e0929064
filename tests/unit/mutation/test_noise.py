"""What is left alone as noise or as no change at all, each kind in the languages that have it, beside what is not."""

from __future__ import annotations

import pytest

from regreen.core.mutation import Mutant
from regreen.mutation import mutants_of


def made(path: str, source: str) -> list[str]:
    """Return the mutants of a text as `original -> replacement`."""
    return [_told(mutant) for mutant in mutants_of(path, source)]


def made_in_python(statements: str) -> list[str]:
    """Return those of statements inside of a function of Python."""
    body = "\n".join(f"    {line}" for line in statements.splitlines())
    return made("a.py", f"def f(self, a, b):\n{body}\n")


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.py", "def f(maxsize=128, timeout=3, stacklevel: int = 2): ...\n"),
        ("a.py", "CONNECT_TIMEOUT = 30\n_CHUNK_SIZE: int = 4096\n"),
        ("a.js", "const f = (timeout = 3) => {}; const RETRIES = 5; const POLL_INTERVAL_MS = 100;\n"),
        ("a.ts", "function f(timeout: number = 3) {}\n"),
        ("a.go", "package p\n\nconst readTimeout = 3\n"),
        ("a.rs", "const READ_TIMEOUT: u64 = 3;\n"),
    ],
)
def test_settings_of_time_and_room_are_left_alone_where_they_stand(path: str, source: str) -> None:
    assert made(path, source) == []


def test_a_default_that_says_what_comes_out_is_changed() -> None:
    assert made("a.py", "def f(seconds=1, errors='strict'): ...\n") == ["1 -> 2", "'strict' -> ''"]
    assert made("a.py", "LIMIT = 30\ntimeouts = 3\n") == ["30 -> 31", "3 -> 4"]


@pytest.mark.parametrize("call", ["_warn_old(3)", "self._warn('x', 3)", "warn_once(a + b)", "deprecate('f', 2)"])
def test_what_warns_people_is_left_alone(call: str) -> None:
    assert made_in_python(call) == []
    assert made_in_python("g(3)\nwarned(3)") != []


def test_what_warns_people_is_left_alone_in_javascript() -> None:
    assert made("a.js", "warnOnce('old', 2); this._warn('x', 1); deprecate('f', 2);\n") == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.py", "async def f():\n    await asyncio.sleep(1)\n    time.sleep(a + b)\n"),
        ("a.js", "async function f() { await sleep(10); }\n"),
        ("a.go", "package p\n\nfunc f() {\n\ttime.Sleep(10 * time.Second)\n}\n"),
        ("a.rs", "fn f() {\n    thread::sleep(Duration::from_millis(10));\n}\n"),
    ],
)
def test_what_only_waits_is_left_alone(path: str, source: str) -> None:
    assert made(path, source) in ([], [" -> return"])


def test_what_is_made_once_and_kept_may_be_made_again() -> None:
    kept = "if self.a is None:\n    self.a = g(b)\nreturn self.a"
    assert "self.a is None -> True" not in made_in_python(kept)
    assert "self.a is None -> False" in made_in_python(kept)
    assert "not self.a -> True" not in made_in_python("if not self.a:\n    self.a = g(b)\nreturn self.a")


@pytest.mark.parametrize(
    "statements",
    [
        "if self.a is None:\n    self.a = g(b)\nself.h()",
        "if b.a is None:\n    self.a = g(b)\nreturn self.a",
    ],
)
def test_what_is_set_where_it_is_missing_is_asked_for(statements: str) -> None:
    assert any(told.endswith(".a is None -> True") for told in made_in_python(statements))


def test_what_javascript_and_go_keep_may_be_made_again() -> None:
    script = "class A { f() { if (this.a === undefined) { this.a = g(1); } return this.a; } }\n"
    assert "this.a === undefined -> true" not in made("a.js", script)
    assert "this.a === undefined -> false" in made("a.js", script)
    text = "package p\n\nfunc (t *T) F() *A {\n\tif t.a == nil {\n\t\tt.a = g()\n\t}\n\treturn t.a\n}\n"
    assert not any(told == "t.a == nil -> true" for told in made("a.go", text))


def test_a_place_in_a_list_is_never_beyond_its_size() -> None:
    assert made_in_python("x = i < len(a)") == ["i < len(a) -> False", "< -> <="]
    assert "== -> >=" not in made_in_python("x = i == len(a) - 1")
    assert "!= -> <" not in made_in_python("x = i != len(a) - 1")
    assert "== -> >=" not in made("a.js", "const x = i === a.length - 1;\n")
    assert "!= -> <" in made_in_python("x = n != len(a)")


def test_what_a_size_of_one_says_of_nothing_at_all_is_left_alone() -> None:
    assert made_in_python("x = len(a) == 1") == ["len(a) == 1 -> False", "== -> >="]
    assert made_in_python("x = len(a) > 1") == ["len(a) > 1 -> False", "> -> >="]


def test_what_a_cache_of_its_own_keeps_may_be_worked_out_again() -> None:
    assert made_in_python("self._cache[a] = b") == []
    assert made_in_python("self.cache[a] = b") == ["self.cache[a] = b -> pass"]
    found = "x = self._known.get(a)\nif x is None:\n    x = g(a)\n    self._name_cache[a] = x\nreturn x"
    assert "x is None -> True" not in made_in_python(found)
    assert "x is None -> True" in made_in_python(found.replace("_name_cache", "_names"))
    assert "t._memo[a] = b; -> ;" not in made("a.js", "function f(a, b) { t._memo[a] = b; g(a); }\n")
    assert made("a.go", "package p\n\nfunc f(a int) {\n\tt._cache[a] = 1\n}\n") == ["1 -> 2"]


@pytest.mark.parametrize(
    "statement",
    ["message = 'no ' + a", "self.error_message = 'no %s' % a", "msg = 'no {}'.format(a)", "_USAGE = ('how')"],
)
def test_texts_that_are_called_messages_are_for_people(statement: str) -> None:
    assert not any(told.startswith("'") for told in made_in_python(statement))


def test_words_that_are_made_of_words_are_for_people() -> None:
    assert made_in_python("message = self.with_name(message)") == []
    assert made_in_python("message = 'a' if a else b") == []
    assert made_in_python("g(a, help='a' + b)") == ["g(a, help='a' + b) -> pass"]
    assert "b = self.take(b) -> pass" in made_in_python("b = self.take(b)")
    assert "+ -> -" in made_in_python("message = self.take(a + 1)")


def test_what_an_error_says_is_for_people() -> None:
    kind = "class Bad({}):\n    def __init__(self, a):\n        super().__init__('bad ' + a)\n"
    assert "'bad ' -> ''" not in made("a.py", kind.format("ValueError"))
    assert "'bad ' -> ''" in made("a.py", kind.format("Thing").replace("'bad ' + a", "'bad '"))
    assert '"bad" -> ""' not in made("a.js", 'class A extends Error { constructor() { super("bad"); } }\n')
    assert made("a.py", "@message('no path', cls=Bad)\ndef f(): ...\n") == []


def test_a_text_of_another_name_is_changed() -> None:
    assert "'no ' -> ''" in made_in_python("answer = g('no ')")


def test_texts_that_are_called_messages_are_for_people_in_other_languages() -> None:
    assert made("a.js", "const errorMessage = `no ${a}`;\n") == []
    assert made("a.go", 'package p\n\nfunc f() {\n\tmsg := "no"\n\tg(msg)\n}\n') == [
        " -> return",
        "g(msg) -> ",
    ]


def test_writing_for_people_never_fails_in_rust() -> None:
    writes = "fn f(f: &mut fmt::Formatter) -> fmt::Result {\n    g(f)?;\n    h(f)\n}\n"
    assert "? -> .unwrap()" not in made("a.rs", writes)
    assert "? -> .unwrap()" in made("a.rs", writes.replace("fmt::Result", "io::Result<()>"))


def test_what_is_empty_is_not_given_back_empty_in_go() -> None:
    assert made("a.go", "package p\n\nfunc f() [4]byte {\n\treturn [4]byte{}\n}\n") == []
    assert made("a.go", "package p\n\nfunc f() A {\n\treturn A{}\n}\n") == []


def test_what_a_module_says_of_itself_is_left_alone() -> None:
    assert made("a.py", "__title__ = 'a'\n__license__ = 'MIT'\n__version_info__ = (1, 2)\n") == []


def test_a_loop_over_nothing_does_nothing() -> None:
    assert "a -> True" not in made_in_python("if a:\n    for x in a:\n        g(x)")
    assert "a -> True" not in made_in_python("if a:\n    for k, x in a.items():\n        g(x)")
    assert "a -> True" in made_in_python("if a:\n    for x in b:\n        g(x)")
    assert "a -> True" in made_in_python("if a:\n    for x in a:\n        g(x)\nelse:\n    h(2)")
    assert "a -> True" in made_in_python("if a:\n    for x in a:\n        g(x)\n    h(2)")


def test_what_is_put_first_is_put_last() -> None:
    assert "insert(0,  -> append(" in made_in_python("a.insert(0, b)")
    assert "1 -> 2" in made_in_python("a.insert(1, b)")


def _told(mutant: Mutant) -> str:
    return f"{mutant.original} -> {mutant.replacement}"
