"""docs/configuration.md and the schema say what the tables say."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from regreen.app.configuration import Configuration
from regreen.app.envelope import BUILT_IN, LIMITS, PROFILES, WorkspaceFile, told_values, workspace_schema
from regreen.app.injection import StateTable

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "configuration.md").read_text("utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """Return the rows of the table below a heading, by their first cell without its marks."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in cells}


def test_the_page_lists_exactly_the_keys() -> None:
    assert set(rows("Keys")) == set(LIMITS) | {"profile"}


def test_the_page_tells_what_is_built_in() -> None:
    values = told_values(BUILT_IN)
    told = {key: cells[0].strip("`") for key, cells in rows("Keys").items()}
    for key, value in values.items():
        if isinstance(value, bool):
            assert told[key] == str(value).lower()
        elif isinstance(value, int | float):
            assert told[key] == f"{value:g}"
    assert told["actions"] == json.dumps(values["actions"])


def test_the_page_lists_exactly_the_profiles_with_their_rows() -> None:
    told = rows("Profiles")
    assert set(told) == set(PROFILES)
    for name, row in PROFILES.items():
        named = set(re.findall(r"`([a-z_]+)`", told[name][1])) & set(LIMITS)
        assert named == set(row)
        for key, value in row.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert f"`{key}` {value:,g}" in told[name][1]


def test_the_schema_is_the_tables() -> None:
    assert json.loads((DOCS / "regreen.schema.json").read_text("utf-8")) == workspace_schema()


def test_every_key_of_the_schema_is_explained_and_no_other_is_allowed() -> None:
    schema = workspace_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(WorkspaceFile.model_fields)
    assert all(found["description"].endswith(".") for found in schema["properties"].values())
    assert not any("anyOf" in found or "default" in found for found in schema["properties"].values())


@pytest.mark.parametrize("n", range(2))
def test_what_the_page_shows_is_good(n: int) -> None:
    shown = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[n]
    values = tomllib.loads(shown)
    if n == 0:
        assert WorkspaceFile.model_validate(values).given
        return
    provider = {"name": "mine", "wire": "openai", "url": "https://models.example/v1", "model": "m"}
    assert Configuration.model_validate({**values, "provider": [provider]}).state_injection != StateTable()
