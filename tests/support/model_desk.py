"""A shell whose person has models: the workspace, a reply that cures it, and what is configured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.model_server import Answer, ModelServer
from tests.support.shell import Said, Shell

# Two files and logic that is not there yet: nothing that small edits could make.
SHOP = """
-- rates.py --
RATES = {"eu": 20, "us": 10}
-- invoice.py --
from rates import RATES


def total(items, region):
    return sum(items)
-- test_invoice.py --
from invoice import total


def test_total():
    assert total([100, 50], "eu") == 180
    assert total([10], "us") == 11
"""
GOOD = {
    "hypothesis": "The tax is never added, and rate_of does not exist.",
    "edits": [
        {
            "path": "rates.py",
            "search": 'RATES = {"eu": 20, "us": 10}',
            "replace": 'RATES = {"eu": 20, "us": 10}\n\n\ndef rate_of(region):\n    return RATES[region]',
        },
        {"path": "invoice.py", "search": "from rates import RATES", "replace": "from rates import rate_of"},
        {
            "path": "invoice.py",
            "search": "    return sum(items)",
            "replace": "    return sum(items) * (100 + rate_of(region)) // 100",
        },
    ],
    "notes": ["Rates are percentages."],
}


def saying(text: str, sent: int = 900, received: int = 120) -> Answer:
    """Return an answer as a stream of chat completions."""
    halves = (text[: len(text) // 2], text[len(text) // 2 :])
    events: list[dict[str, Any]] = [{"choices": [{"delta": {"content": half}}]} for half in halves]
    events.append({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    events.append({"choices": [], "usage": {"prompt_tokens": sent, "completion_tokens": received}})
    chunks = [f"data: {json.dumps(event)}\n\n".encode() for event in events]
    return Answer(200, [*chunks, b"data: [DONE]\n\n"], {"content-type": "text/event-stream"})


@dataclass(frozen=True)
class Desk:
    """A shell whose person has a configuration file."""

    shell: Shell
    root: Path
    more: Mapping[str, str] = field(default_factory=dict)  # variables

    def configure(self, text: str) -> None:
        folder = self.shell.home / "config"
        folder.mkdir(exist_ok=True)
        (folder / "config.toml").write_text(text)

    @property
    def environment(self) -> Mapping[str, str]:
        ours = {"REGREEN_CONFIG_DIR": str(self.shell.home / "config"), "MODEL_KEY": "key-for-tests-12345"}
        return {**self.shell.environment, **ours, **self.more}

    def fix(self, *arguments: str) -> Said:
        return self.run("fix", str(self.root), "--json", *arguments)

    def run(self, *arguments: str) -> Said:
        command = [sys.executable, "-m", "regreen", *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=400, check=False, cwd=self.shell.home
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert "key-for-tests" not in done.stderr + done.stdout
        return Said(done.returncode, done.stdout, done.stderr)


def provider(server: ModelServer, name: str = "one", wire: str = "openai", more: str = "") -> str:
    return (
        f'[[provider]]\nname = "{name}"\nwire = "{wire}"\nurl = "{server.url}"\nmodel = "m"\n'
        f'key = {{ env = "MODEL_KEY" }}\nprices = {{ sent = 2.0, received = 10.0 }}\n{more}\n'
    )


def asked(server: ModelServer, n: int = 0) -> Any:
    return json.loads(server.asked[n].body)
