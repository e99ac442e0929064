"""docs/lsp-extensions.md lists what the server speaks, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from regreen.lsp import protocol
from regreen.lsp.features.commands import COMMANDS, REQUESTS
from regreen.lsp.protocol import (
    FixArgs,
    FixResult,
    OverviewParams,
    PrepareArgs,
    PrepareResult,
    ReportArgs,
    RunTestsArgs,
    RunTestsResult,
    SecretParams,
    SecretResult,
    StatusParams,
    StepResult,
    TestFile,
    TestNode,
    TestRunParams,
    TestsParams,
    TestState,
)

SETTINGS = {"regreen.runOnSave", "regreen.diagnosticsOfBuild", "regreen.preview"}
OTHERS = {
    protocol.FOLLOW_TESTS, protocol.OVERVIEW, protocol.SECRET, protocol.STATUS, protocol.TESTS, protocol.TEST_RUN
}  # fmt: skip
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "lsp-extensions.md").read_text()


def test_every_command_and_message_is_listed_and_exists() -> None:
    listed = set(re.findall(r"`(regreen[./][a-zA-Z]+)`", PAGE)) - SETTINGS
    assert listed == {*COMMANDS, *REQUESTS, *OTHERS}


def test_every_field_is_listed() -> None:
    models = (RunTestsArgs, FixArgs, PrepareArgs, ReportArgs, RunTestsResult, FixResult, PrepareResult, StepResult)
    views = (OverviewParams, TestsParams, TestFile, TestNode, TestRunParams, TestState, SecretParams, SecretResult)
    for model in (*models, *views, StatusParams):
        for name, field in model.model_fields.items():
            assert re.search(rf"\b{field.alias or name}\b", PAGE), f"{model.__name__}.{field.alias or name}"
