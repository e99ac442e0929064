"""Lines edited lately are those that the last commit has not, or that it brought."""

from __future__ import annotations

from regreen.repair.recent import RecentLines, edited

NOW = {"a.py": "one\ntwo\nthree\n", "b.py": "same\n"}


def test_lines_since_the_last_commit_are_recent() -> None:
    assert recent({"a.py": ("one\n2\nthree\n", "")})["a.py"] == {2}


def test_where_nothing_was_edited_since_those_of_the_last_commit_are() -> None:
    assert recent({"a.py": (NOW["a.py"], "one\n")})["a.py"] == {2, 3}


def test_without_a_history_nothing_is_recent() -> None:
    assert recent({})["a.py"] == frozenset()


def test_a_file_is_asked_about_once_and_others_never() -> None:
    asked: list[str] = []

    def before(path: str) -> tuple[str, ...]:
        asked.append(path)
        return ("",)

    lines = RecentLines(NOW, before)
    assert (lines["b.py"], lines["b.py"]) == ({1}, {1})
    assert asked == ["b.py"]
    assert "c.py" not in lines


def test_lines_beside_what_was_taken_out_are_recent() -> None:
    assert edited("one\ntwo\nthree\n", "one\nthree\n") == {1, 2}
    assert edited("one\ntwo\n", "one\n") == {1}


def recent(history: dict[str, tuple[str, ...]]) -> RecentLines:
    return RecentLines(NOW, lambda path: history.get(path, ()))
