"""Edits: a patch and its inverse cancel out; a rebase never loses anybody's change."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from regreen.core.edit import FileEdit, Patch, TextEdit, apply, diff, invert, make_patch, patch_between, rebase
from regreen.core.errors import Conflict
from regreen.core.text import split_lines

LINES = st.lists(st.sampled_from(["a\n", "b\n", "  c\n", "é𝒳\n", "\n", "-- x\n", "++ y\n", "d\r\n"]), max_size=12).map(
    "".join
)
TEXTS = st.one_of(LINES, st.builds(str.__add__, LINES, st.sampled_from(["", "end", "é"])), st.text(max_size=30))


@st.composite
def file_edits(draw: st.DrawFn) -> FileEdit:
    base = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(base)), max_size=6)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return FileEdit(
        "a.py", base, tuple(sorted(TextEdit(start, end, draw(st.text(max_size=5))) for start, end in pairs))
    )


@st.composite
def patches(draw: st.DrawFn) -> Patch:
    files = draw(st.dictionaries(st.sampled_from(["a.py", "b.py", "c/d.py"]), file_edits(), max_size=3))
    return make_patch({path: (file.base, file.edits) for path, file in files.items()})


@given(patches())
def test_a_patch_and_its_inverse_cancel_out(patch: Patch) -> None:
    back = invert(patch)
    assert [file.base for file in back.files] == [file.after for file in patch.files]
    assert [file.after for file in back.files] == [file.base for file in patch.files]
    assert [file.after for file in invert(back).files] == [file.after for file in patch.files]


@given(TEXTS, TEXTS)
def test_a_patch_between_two_texts_leads_from_one_to_the_other(before: str, after: str) -> None:
    patch = patch_between({"a.py": before}, {"a.py": after})
    assert patch.files == () if before == after else patch.files[0].after == after


@given(TEXTS, TEXTS)
def test_a_patch_between_texts_edits_whole_lines(before: str, after: str) -> None:
    starts = {0, len(before)} | {len("".join(split_lines(before)[:n])) for n in range(len(before))}
    for file in patch_between({"a.py": before}, {"a.py": after}).files:
        assert all({edit.start, edit.end} <= starts for edit in file.edits)


@given(patches())
def test_rebasing_onto_the_base_changes_nothing(patch: Patch) -> None:
    assert rebase(patch, {file.path: file.base for file in patch.files}) == patch


@given(st.lists(st.integers(0, 50), min_size=6, max_size=30, unique=True), st.data())
def test_changes_of_different_lines_are_both_kept(numbers: list[int], draw: st.DataObject) -> None:
    lines = [f"{number}\n" for number in numbers]
    mine = draw.draw(st.integers(0, len(lines) - 1))
    theirs = draw.draw(st.integers(0, len(lines) - 1))
    assume(1 < abs(mine - theirs))

    def text(*changes: tuple[int, str]) -> str:
        return "".join(dict(changes).get(n, line) for n, line in enumerate(lines))

    patch = patch_between({"a.py": text()}, {"a.py": text((mine, "mine\n"))})
    for their_text in ("theirs\n", "", f"{lines[theirs]}more\n"):
        moved = rebase(patch, {"a.py": text((theirs, their_text))})
        assert moved.files[0].after == text((mine, "mine\n"), (theirs, their_text))


@given(TEXTS, TEXTS, TEXTS)
def test_a_rebase_makes_the_same_edits_or_conflicts(base: str, mine: str, theirs: str) -> None:
    patch = patch_between({"a.py": base}, {"a.py": mine})
    assume(patch.files)
    with contextlib.suppress(Conflict):
        moved = rebase(patch, {"a.py": theirs})
        assert moved.files[0].base == theirs
        assert sorted(edit.text for edit in moved.files[0].edits) == sorted(edit.text for edit in patch.files[0].edits)
        removed = [base[edit.start : edit.end] for edit in patch.files[0].edits]
        assert [theirs[edit.start : edit.end] for edit in moved.files[0].edits] == removed


def check_conflict(base: str, mine: str, theirs: dict[str, str]) -> None:
    with pytest.raises(Conflict) as caught:
        rebase(patch_between({"a.py": base}, {"a.py": mine}), theirs)
    assert caught.value.paths == ("a.py",)
    assert "a.py" in caught.value.message


def test_the_same_line_is_a_conflict() -> None:
    check_conflict("a\nb\nc\n", "a\nX\nc\n", {"a.py": "a\nY\nc\n"})


def test_a_deleted_line_is_a_conflict() -> None:
    check_conflict("a\nb\nc\n", "a\nX\nc\n", {"a.py": "a\nc\n"})


def test_an_insertion_next_to_a_changed_line_is_a_conflict() -> None:
    check_conflict("a\nb\nc\n", "a\nX\nb\nc\n", {"a.py": "Y\nb\nc\n"})


def test_a_deleted_file_is_a_conflict() -> None:
    check_conflict("a\n", "b\n", {})


def test_an_emptied_file_is_a_conflict() -> None:
    check_conflict("a\n", "b\n", {"a.py": ""})


def test_an_insertion_at_the_edge_of_the_file_is_kept() -> None:
    patch = patch_between({"a.py": "a\nb\nc\n"}, {"a.py": "import x\na\nb\nc\n"})
    assert rebase(patch, {"a.py": "a\nb\nd\n"}).files[0].after == "import x\na\nb\nd\n"


@pytest.mark.parametrize(
    "edits",
    [
        (TextEdit(2, 4, ""), TextEdit(3, 5, "")),
        (TextEdit(-1, 0, "x"),),
        (TextEdit(0, 99, "x"),),
        (TextEdit(3, 1, "x"),),
    ],
)
def test_edits_that_overlap_or_lie_outside_are_an_error(edits: tuple[TextEdit, ...]) -> None:
    with pytest.raises(ValueError):
        apply("abcdef", edits)
    with pytest.raises(ValueError):
        make_patch({"a.py": ("abcdef", edits)})


def test_insertions_at_one_place_keep_their_order() -> None:
    patch = make_patch({"a.py": ("ac", (TextEdit(1, 1, "y"), TextEdit(1, 1, "x")))})
    assert patch.files[0].after == "axyc"
    assert invert(patch).files[0].after == "ac"


@given(TEXTS, TEXTS)
def test_the_number_of_lines_is_that_of_the_changed_ones(before: str, after: str) -> None:
    patch = patch_between({"a.py": before}, {"a.py": after})
    shared = len(split_lines(before)) + len(split_lines(after)) - patch.n_lines
    assert 0 <= patch.n_lines
    assert shared % 2 == 0
    assert (patch.n_lines == 0) == (before == after)


def test_lines_that_look_like_headers_are_counted() -> None:
    assert patch_between({"a.sql": "-- x\n"}, {"a.sql": "++ y\n"}).n_lines == 2


def test_the_digest_is_that_of_the_result() -> None:
    by_line = patch_between({"a.py": "a - b\n"}, {"a.py": "a + b\n"})
    by_character = make_patch({"a.py": ("a - b\n", (TextEdit(2, 3, "+"),))})
    assert by_line != by_character
    assert by_line.digest == by_character.digest
    assert by_line.digest != invert(by_line).digest


def test_a_lone_surrogate_has_a_digest() -> None:
    assert len(make_patch({"a.py": ("a", (TextEdit(0, 1, "\ud800"),))}).digest) == 16


def test_a_diff_reads_as_git_reads_it() -> None:
    patch = patch_between({"a.py": "a\nb"}, {"a.py": "a\nc\n"})
    expected = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
    assert diff(patch) == expected


def test_an_empty_patch_has_an_empty_diff() -> None:
    assert diff(Patch(())) == ""
    assert patch_between({"a.py": "a"}, {"a.py": "a"}) == Patch(())


def test_files_are_sorted() -> None:
    patch = patch_between({"b.py": "1", "a.py": "1"}, {"a.py": "2", "b.py": "2"})
    assert patch.paths == ("a.py", "b.py")


@pytest.mark.parametrize(
    ("before", "after"),
    [("a\nb\nc\n", "a\nX\nc\n"), ("a\nb", "a\nb\n"), ("a\r\nb\r\n", "a\r\nX\r\n"), ("", "a\n"), ("é\n", "é\n𝒳\n")],
)
def test_git_applies_the_diff(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "a.py").write_bytes(before.encode())
    text = diff(patch_between({"a.py": before}, {"a.py": after})).encode()
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=text, check=True, timeout=20)
    assert (tmp_path / "a.py").read_bytes() == after.encode()
