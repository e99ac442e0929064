"""The index on the disk: what is taken from it, and what never is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.text import SourceText, Span
from regreen.core.workspace import FileFacts, Import, Symbol, SymbolKind, TestCase
from regreen.languages import REGISTRY, TreeLanguage, languages
from regreen.oracle import Oracle
from regreen.oracle.oracle import Pace
from regreen.oracle.packed import from_row, pack, to_row, with_tests
from regreen.oracle.store import IndexStore, Stored
from tests.support.workspace import lay

WORDS = st.text(alphabet="aZ_é😀\n\ud800", max_size=5)
NUMBERS = st.integers(0, 10**9)
SPANS = st.builds(Span, NUMBERS, NUMBERS)
FACTS = st.builds(
    FileFacts,
    path=WORDS,
    language=WORDS,
    digest=WORDS,
    symbols=st.lists(
        st.builds(
            Symbol, WORDS, WORDS, st.sampled_from(SymbolKind), SPANS, SPANS, NUMBERS, NUMBERS, st.tuples(WORDS, WORDS)
        ),
        max_size=3,
    ).map(tuple),
    imports=st.lists(st.builds(Import, WORDS, WORDS, WORDS, NUMBERS), max_size=3).map(tuple),
    n_errors=NUMBERS,
    problem=WORDS,
)
OLD = 1_000_000_000  # seconds; a time stamp that is settled


@given(FACTS)
def test_packed_facts_say_what_the_facts_said(facts: FileFacts) -> None:
    for packed in (pack(facts), from_row(to_row(facts))):
        assert packed == facts
        assert [getattr(packed, name) for name in FileFacts.__slots__] == [
            getattr(facts, name) for name in FileFacts.__slots__
        ]
    assert pack(pack(facts)) == pack(facts)


@given(FACTS, FACTS)
def test_packed_facts_differ_where_the_facts_differ(one: FileFacts, other: FileFacts) -> None:
    assert (pack(one) == pack(other)) == (one == other)
    assert pack(one) != "facts"


def test_other_tests_leave_the_rest_of_packed_facts() -> None:
    facts = FileFacts("a.py", "python", "1", imports=(Import("x", "", "", 1),))
    test = TestCase("a.py::test_a", ".", "a.py", 1, Span(0, 1), Span(0, 1))
    assert with_tests(facts, (test,)) == replace(facts, tests=(test,))
    assert hash(with_tests(facts, (test,))) == hash(pack(facts))


@dataclass
class Reads:
    """The language Python, and which of its files were parsed."""

    parsed: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(REGISTRY["python"], name)

    def outline(self, path: str, source: SourceText) -> FileFacts:
        """Index one file."""
        self.parsed.append(path)
        return REGISTRY["python"].outline(path, source)


class Starts:
    """A workspace in which one oracle after the other is started, each with the store of the last."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = lay(tmp_path / "work", "-- a.py --\ndef f(): pass\n-- b.py --\ndef g(): pass\n")
        self.folder = tmp_path / "state"
        self.folder.mkdir()
        self.file = self.folder / "index.bin"
        self.settle()

    def settle(self, when: int = OLD) -> None:
        """Give all files a time stamp of long ago."""
        for file in self.root.rglob("*.py"):
            os.utime(file, (when, when))

    def start(self) -> tuple[Mapping[str, FileFacts], list[str]]:
        """Start and end an oracle; return what it knew and which files it parsed."""
        reads = Reads()
        oracle = Oracle(self.root, [reads], lambda _: None, {}, pace=Pace(0.01), store=self.folder)  # type: ignore[list-item]
        oracle.start()
        assert oracle.wait_until_idle(30)
        oracle.close()
        return oracle.model.files, reads.parsed


@pytest.fixture
def starts(tmp_path: Path) -> Starts:
    return Starts(tmp_path)


def test_a_second_start_parses_nothing_and_knows_the_same(starts: Starts) -> None:
    first, parsed = starts.start()
    assert parsed == ["a.py", "b.py"]
    assert starts.start() == (first, [])
    assert sorted(path.name for path in starts.folder.iterdir()) == ["index.bin", "projects.bin"]
    assert starts.file.stat().st_mode & 0o777 == 0o600


def test_what_changed_came_and_went_between_two_starts_is_seen(starts: Starts) -> None:
    starts.start()
    lay(starts.root, "-- a.py --\ndef h(): pass\n-- c.py --\n")
    (starts.root / "b.py").unlink()
    starts.settle()  # The very time stamp and size that were stored.
    files, parsed = starts.start()
    assert (list(files), parsed) == (["a.py", "c.py"], ["a.py", "c.py"])
    assert [symbol.name for symbol in files["a.py"].symbols] == ["h"]


def test_touched_files_are_read_but_not_parsed(starts: Starts) -> None:
    starts.start()
    starts.settle(OLD + 1)
    assert starts.start()[1] == []


@given(at=st.integers(0, 10_000), garbage=st.binary(min_size=1, max_size=40), cut=st.booleans())
def test_garbage_in_the_store_is_never_believed(
    tmp_path_factory: pytest.TempPathFactory, at: int, garbage: bytes, cut: bool
) -> None:
    store, facts = IndexStore(tmp_path_factory.getbasetemp()), _many(130)
    assert store.save(facts, {})
    file = tmp_path_factory.getbasetemp() / "index.bin"
    content = file.read_bytes()
    place = at * len(content) // 10_000
    file.write_bytes(content[:place] + garbage + (b"" if cut else content[place + len(garbage) :]))
    assert all(stored == Stored(facts[stored.facts.path], None) for stored in store.load())


@pytest.mark.parametrize("content", [b"", b"regreen", b"regreen index\n", b"\0" * 100, b"regreen index\n" + b"x" * 100])
def test_a_store_of_another_kind_is_no_store(starts: Starts, content: bytes) -> None:
    first, _ = starts.start()
    starts.file.write_bytes(content)
    assert starts.start() == (first, ["a.py", "b.py"])
    assert starts.start() == (first, [])


def test_a_store_that_was_cut_off_gives_what_is_whole(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    store.save(_many(130), {})
    content = (tmp_path / "index.bin").read_bytes()
    (tmp_path / "index.bin").write_bytes(content[:-5])
    assert len(list(store.load())) == 128


def test_a_store_that_would_be_too_big_is_none(tmp_path: Path) -> None:
    store = IndexStore(tmp_path, max_bytes=5_000)
    assert store.save(_many(3), {})
    assert not store.save(_many(300), {})
    assert list(tmp_path.iterdir()) == []
    assert list(store.load()) == []


def test_a_store_without_a_place_is_no_store(starts: Starts) -> None:
    starts.folder.rmdir()
    first, parsed = starts.start()
    assert (list(first), parsed) == (["a.py", "b.py"], ["a.py", "b.py"])
    assert not IndexStore(starts.folder).save(_many(1), {})


def test_a_buffer_is_never_stored_as_the_file(starts: Starts) -> None:
    oracle = Oracle(starts.root, languages(), lambda _: None, {}, pace=Pace(0.01), store=starts.folder)
    oracle.open_buffer("a.py", "def typed(): pass\n")
    oracle.start()
    assert oracle.wait_until_idle(30)
    oracle.close()
    files, parsed = starts.start()
    assert [symbol.name for symbol in files["a.py"].symbols] == ["f"]
    assert parsed == ["a.py"]


class Gate:
    """The language Python that reads one file of the disk only when it is let."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.reached, self.open = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(REGISTRY["python"], name)

    def outline(self, path: str, source: SourceText) -> FileFacts:
        """Index one file, the one when it is let."""
        if path == self._path:
            self.reached.set()
            assert self.open.wait(30)
        return REGISTRY["python"].outline(path, source)


@pytest.fixture
def opened_early(tmp_path: Path) -> Iterator[tuple[Oracle, list[list[str]]]]:
    """Give an oracle whose long look ends with the test, before which a document and its tests are known."""
    root = lay(tmp_path, "-- pyproject.toml --\n[project]\nname = 'box'\n-- aa.py --\n-- box.py --\n-- far/z.py --\n"
                         "-- tests/test_box.py --\ndef test_lid(): pass\n-- tests/test_aa.py --\n")  # fmt: skip
    gate, models = Gate("aa.py"), list[list[str]]()
    language: TreeLanguage = gate  # type: ignore[assignment]
    oracle = Oracle(root, [language], lambda _: models.append(list(oracle.model.files)), {}, pace=Pace(0.01))
    oracle.open_buffer("box.py", "def typed(): pass\n")
    oracle.start()
    assert gate.reached.wait(30)
    yield oracle, models
    gate.open.set()
    assert oracle.wait_until_idle(30)
    oracle.close()
    assert list(oracle.model.files) == ["aa.py", "box.py", "far/z.py", "tests/test_aa.py", "tests/test_box.py"]
    assert [symbol.name for symbol in oracle.model.files["box.py"].symbols] == ["typed"]


def test_an_open_document_and_its_tests_are_known_before_the_rest(
    opened_early: tuple[Oracle, list[list[str]]],
) -> None:
    oracle, models = opened_early
    assert models == [["box.py", "tests/test_box.py"]]
    assert [symbol.name for symbol in oracle.model.files["box.py"].symbols] == ["typed"]
    assert [(test.name, test.project) for test in oracle.model.tests_in("tests/test_box.py")] == [
        ("tests/test_box.py::test_lid", ".")
    ]
    assert [project.name for project in oracle.model.projects] == ["box"]


def _many(number: int) -> dict[str, FileFacts]:
    return {f"f{n}.py": pack(FileFacts(f"f{n}.py", "python", str(n), problem="a b")) for n in range(number)}
