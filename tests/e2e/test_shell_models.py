"""Repairs by a model, in the shell, against a server that really listens: good and bad replies, limits, budgets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.model_desk import GOOD, SHOP, Desk, asked, provider, saying
from tests.support.model_server import Answer, ModelServer, serving
from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
SECOND = "    rate = rate_of(region)\n    return sum(item + item * rate // 100 for item in items)"
DAILY = Answer(
    429,
    [
        json.dumps(
            {
                "error": {
                    "message": "Rate limit reached for requests per day (RPD): Limit 200. Please try again in 7m12s",
                    "type": "requests",
                    "code": "rate_limit_exceeded",
                }
            }
        ).encode()
    ],
    {"content-type": "application/json"},
)
OVERLOADED = Answer(
    529, [json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}).encode()]
)


@pytest.fixture
def desk(tmp_path: Path, plain_venv: Path) -> Desk:
    home = tmp_path / "home"
    home.mkdir()
    return Desk(Shell(home, plain_venv), lay(tmp_path / "shop", SHOP))


def test_what_search_cannot_do_a_model_does_and_it_is_proved_and_counted(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        said = desk.fix("--provider", "cascade")
    document = said.document
    assert (said.status, document["outcome"]) == (0, "repaired"), said.err
    last = document["attempts"][-1]
    assert (last["provider"], last["verdict"], last["evidence"]) == ("one", "green", ["Rates are percentages."])
    assert last["usage"].items() <= document["usage"].items()
    usage = document["usage"]
    assert (usage["calls"], usage["tokens_sent"], usage["tokens_received"], usage["money"]) == (1, 900, 120, 0.003)
    assert "def rate_of" in (desk.root / "rates.py").read_text()
    spent = "1 call, 900 tokens sent, 120 received, 0.003 of money"
    shown = desk.run("show", "", str(desk.root)).out
    assert f"    spent: {spent}\n" in shown
    assert f"\nSpent: {spent}.\n" in shown
    assert (
        "provider budget: today 1 call, 1020 tokens, 0.003 of money; no limit" in desk.run("doctor", str(desk.root)).out
    )
    assert server.asked[0].headers["authorization"] == "Bearer key-for-tests-12345"
    text = asked(server)["messages"][1]["content"]
    assert str(desk.root) not in text
    assert 'File "test_invoice.py"' in text


def test_a_reply_that_cannot_be_followed_is_told_to_the_model_in_the_next_attempt(desk: Desk) -> None:
    nowhere = {**GOOD, "edits": [{"path": "invoice.py", "search": "return nothing_like_it", "replace": "x"}]}
    with serving(saying(json.dumps(nowhere)), saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        said = desk.fix("--provider", "one")
    verdicts = [attempt["verdict"] for attempt in said.document["attempts"]]
    assert (said.status, verdicts) == (0, ["refused", "green"]), said.err
    assert "The search text of an edit does not stand in invoice.py." in asked(server, 1)["messages"][1]["content"]


def test_the_cascade_falls_through_a_spent_day_and_an_overload_in_one_attempt(desk: Desk) -> None:
    with serving(DAILY) as daily, serving(OVERLOADED) as busy, serving(saying(json.dumps(GOOD))) as good:
        desk.configure(provider(daily, "daily") + provider(busy, "busy", "anthropic") + provider(good, "good"))
        said = desk.fix("--provider", "cascade")
        before = tree(desk.root)
        assert (said.status, len(said.document["attempts"])) == (0, 1), said.err
        assert [len(server.asked) for server in (daily, busy, good)] == [1, 1, 1]
        lay(desk.root, SHOP)
        again = desk.fix("--provider", "cascade")
        assert again.status == 0, again.err
        assert tree(desk.root) == before
        assert [len(server.asked) for server in (daily, busy, good)] == [1, 1, 2]


def test_a_call_that_would_pass_the_budget_is_not_sent(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server) + "[budget.day]\ntokens = 100\n")
        before = tree(desk.root)
        said = desk.fix("--provider", "one")
        assert (said.status, server.asked) == (4, [])
    assert "100 tokens for a day" in said.err
    assert tree(desk.root) == before


def test_what_a_day_may_cost_is_remembered_by_the_next_session(desk: Desk) -> None:
    with serving(saying("no plan at all")) as server:
        desk.configure(provider(server) + "[budget.day]\ncalls = 2\n")
        assert desk.fix("--provider", "one", "--max-attempts", "2").status == 1
        assert desk.fix("--provider", "one").status == 4
        assert len(server.asked) == 2


def test_without_a_key_nothing_is_sent_and_the_person_is_told_which(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server).replace("MODEL_KEY", "NO_SUCH_VARIABLE"))
        said = desk.fix("--provider", "one")
        assert (said.status, server.asked) == (4, [])
    assert "NO_SUCH_VARIABLE is not set" in said.err


def test_what_was_spent_is_kept_when_all_services_are_down_at_last(desk: Desk) -> None:
    broke = Answer(402, [json.dumps({"error": {"message": "Insufficient Balance", "code": "x"}}).encode()])
    with serving(saying("no plan at all"), broke) as server:
        desk.configure(provider(server))
        said = desk.fix("--provider", "one")
        assert (said.status, len(server.asked)) == (4, 2), said.err
    usage = json.loads(desk.run("show", "", str(desk.root), "--json").out)["usage"]
    assert (usage["calls"], usage["tokens_sent"], usage["money"]) == (1, 900, 0.003)


def test_an_unknown_provider_is_wrong_use(desk: Desk) -> None:
    said = desk.fix("--provider", "nobody")
    assert said.status == 2
    assert "There is no provider “nobody”" in said.err


def test_doctor_tells_of_the_providers_and_sends_nothing(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server) + provider(server, "two").replace("MODEL_KEY", "NO_SUCH_VARIABLE"))
        done = subprocess.run(
            [sys.executable, "-m", "regreen", "doctor", str(desk.root)],
            env=desk.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert server.asked == []
    assert f"✓ provider one: m at {server.url}, key: MODEL_KEY" in done.stdout
    assert "✗ provider two: m at" in done.stdout


def test_a_cancel_while_the_model_answers_leaves_nothing_behind(desk: Desk) -> None:
    first = saying(json.dumps(GOOD)).chunks[0]
    with serving(Answer(200, [first, *([0.2] * 300)], {"content-type": "text/event-stream"})) as server:
        desk.configure(provider(server))
        before = tree(desk.root)
        running = subprocess.Popen(
            [sys.executable, "-m", "regreen", "fix", str(desk.root), "--provider", "one"],
            env=dict(desk.environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
        )  # fmt: skip
        assert server.busy.wait(60)
        os.kill(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert tree(desk.root) == before


def test_local_servers_are_found_only_when_the_person_says_so(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        said = replace(desk).fix("--provider", "ollama")
    assert said.status == 2
    assert "There is no provider “ollama”" in said.err


def reviewed(author: ModelServer, reviewer: ModelServer) -> str:
    return provider(author) + provider(reviewer, "second").replace('"m"', '"n"') + '[review]\nprovider = "second"\n'


def test_a_second_model_holds_a_green_patch_back_and_its_reason_goes_to_the_author(desk: Desk) -> None:
    objects = saying(json.dumps({"objects": True, "reason": "It invents rates."}))
    agrees = saying(json.dumps({"objects": False, "reason": "Fine."}))
    other = {**GOOD, "edits": [*GOOD["edits"][:2], {**GOOD["edits"][2], "replace": SECOND}]}
    with serving(saying(json.dumps(GOOD)), saying(json.dumps(other))) as author, serving(objects, agrees) as reviewer:
        desk.configure(reviewed(author, reviewer))
        said = desk.fix("--provider", "one")
        assert (len(author.asked), len(reviewer.asked)) == (2, 2), said.err
        told, seen = asked(author, 1)["messages"][1]["content"], asked(reviewer)["messages"][1]["content"]
    document = said.document
    assert [attempt["verdict"] for attempt in document["attempts"]] == ["objected", "green"]
    assert "The tests pass, and second objects: It invents rates." in told
    assert "+def rate_of(region):" in seen
    assert document["attempts"][1]["evidence"][-1] == "second reviewed it and has no objection."
    assert document["usage"]["calls"] == 4


def test_a_reviewer_that_is_down_does_not_decide(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as author, serving(OVERLOADED) as reviewer:
        desk.configure(reviewed(author, reviewer))
        said = desk.fix("--provider", "one")
    assert (said.status, said.document["attempts"][0]["verdict"]) == (0, "green")
    assert said.document["attempts"][0]["evidence"][-1] == "second did not review it: Overloaded."


def test_a_model_does_not_review_what_it_wrote(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(reviewed(server, server).replace('"n"', '"m"'))
        for name in ("one", "cascade", "second"):
            said = desk.fix("--provider", name)
            assert (said.status, server.asked) == (2, [])
            assert "that writes the fixes itself" in said.err
