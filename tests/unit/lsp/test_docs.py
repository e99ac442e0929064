"""docs/lsp-extensions.md lists what the server speaks, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from regreen.lsp import protocol
from regreen.lsp.features.commands import COMMANDS, REQUESTS
from regreen.lsp.protocol import (
    FixArgs,
    FixResult,
    PrepareArgs,
    PrepareResult,
    ReportArgs,
    RunTestsArgs,
    RunTestsResult,
    StatusParams,
    StepResult,
)

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "lsp-extensions.md").read_text()


def test_every_command_and_message_is_listed_and_exists() -> None:
    listed = set(re.findall(r"`(regreen[./][a-zA-Z]+)`", PAGE)) - {"regreen.runOnSave", "regreen.diagnosticsOfBuild"}
    assert listed == {*COMMANDS, *REQUESTS, protocol.STATUS}


def test_every_field_is_listed() -> None:
    models = (RunTestsArgs, FixArgs, PrepareArgs, ReportArgs, RunTestsResult, FixResult, PrepareResult, StepResult)
    for model in (*models, StatusParams):
        for name, field in model.model_fields.items():
            assert re.search(rf"\b{field.alias or name}\b", PAGE), f"{model.__name__}.{field.alias or name}"
