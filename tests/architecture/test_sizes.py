"""Files stay small enough to be read at one sitting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.rules import long_files

ROOT = Path(__file__).parents[2]
LIMITS = (("server", "*.py", 400), ("tests", "*.py", 600), ("benchmarks", "*.py", 400))
CLIENT_LIMIT = 620  # lines of code, all of it together: the client decides nothing
_COMMENT = re.compile(r"\s*(//|/?\*)")


@pytest.mark.parametrize(("folder", "pattern", "limit"), LIMITS)
def test_no_file_is_too_long(folder: str, pattern: str, limit: int) -> None:
    assert long_files((ROOT / folder).rglob(pattern), limit) == []


def test_the_client_stays_thin() -> None:
    texts = [path.read_text("utf-8") for path in (ROOT / "vscode-client" / "src").rglob("*.ts")]
    code = [line for text in texts for line in text.splitlines() if line and not _COMMENT.match(line)]
    assert 0 < len(code) <= CLIENT_LIMIT


def test_a_file_over_the_limit_is_found(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * 4)
    (tmp_path / "short.py").write_text("x = 1\n" * 3)
    assert long_files(tmp_path.rglob("*.py"), 3) == [f"{tmp_path / 'long.py'} has 4 lines, 3 are allowed"]
