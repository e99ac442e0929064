"""The line of each key of a TOML file."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from regreen.app.envelope.toml_lines import Key, line_of, lines_of

TEXT = '''\
# max_lines = 9
max_lines = 1 # not = this
"quoted.key" = "a # b = c"
a.b . c = [
  "x = 1", # y = 2
  [1, 2],
]
text = """
max_files = 3
[table]
\\"""
end"""
raw = \'\'\'
[x]\'\'\'
inline = { one = 1, two = [2] }

[policy] # a table
max_files = 4
[policy."sub table"]
k = 1
[[provider]]
name = "one"
[provider.key]
env = "K"
[[provider]]
name = "two"
[[provider.deep]]
x = 1
[[provider.deep]]
x = 2
'''


def test_each_key_is_on_its_line() -> None:
    tomllib.loads(TEXT)
    assert dict(lines_of(TEXT)) == {
        ("max_lines",): 2,
        ("quoted.key",): 3,
        ("a", "b", "c"): 4,
        ("text",): 8,
        ("raw",): 13,
        ("inline",): 15,
        ("policy",): 17,
        ("policy", "max_files"): 18,
        ("policy", "sub table"): 19,
        ("policy", "sub table", "k"): 20,
        ("provider", 0): 21,
        ("provider", 0, "name"): 22,
        ("provider", 0, "key"): 23,
        ("provider", 0, "key", "env"): 24,
        ("provider", 1): 25,
        ("provider", 1, "name"): 26,
        ("provider", 1, "deep", 0): 27,
        ("provider", 1, "deep", 0, "x"): 28,
        ("provider", 1, "deep", 1): 29,
        ("provider", 1, "deep", 1, "x"): 30,
    }


def test_what_has_no_line_of_its_own_has_that_of_what_holds_it() -> None:
    lines = lines_of(TEXT)
    assert line_of(lines, ("inline", "two", 0)) == 15
    assert line_of(lines, ("provider", 1, "deep", 1, "none")) == 29
    assert line_of(lines, ("none",)) == 0


_VALUES = st.recursive(
    st.integers(0, 9) | st.booleans() | st.text("ab#=[]\"'\\ \n", max_size=6), lambda inner: st.lists(inner, max_size=3)
)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(_written, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), _VALUES, max_size=6))
def test_every_key_that_is_written_is_found_where_it_is_written(values: dict[str, object]) -> None:
    text, expected = "", {}
    for key, value in values.items():
        expected[(key,)] = text.count("\n") + 1
        text += f"{key} = {_written(value)} # {key} = 1\n"
    found: dict[Key, int] = dict(lines_of(text))
    assert tomllib.loads(text) == values
    assert found == expected
