"""The person's configuration file: what fits becomes values; what does not is named with file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.app.configuration import Configuration, configuration_file, price_of, read_configuration
from regreen.app.shelf import endpoint_of, providers_with_keys
from regreen.core.errors import UsageError
from regreen.providers import Structured

ONE = '[[provider]]\nname = "one"\nwire = "openai"\nurl = "https://models.example/v1"\nmodel = "m"\n'


def read(folder: Path, text: str) -> Configuration:
    file = folder / "config.toml"
    file.write_text(text)
    return read_configuration(file)


def test_without_a_file_nothing_is_configured(tmp_path: Path) -> None:
    assert read_configuration(tmp_path / "config.toml") == Configuration()


def test_a_preset_knows_where_its_service_is(tmp_path: Path) -> None:
    found = read(tmp_path, '[[provider]]\nname = "g"\npreset = "groq"\nmodel = "llama"\n')
    endpoint = endpoint_of(found.provider[0])
    assert (endpoint.wire, endpoint.url, endpoint.structured) == (
        "openai", "https://api.groq.com/openai/v1", Structured.JSON,
    )  # fmt: skip


def test_another_model_is_one_line(tmp_path: Path) -> None:
    one, two = (endpoint_of(read(tmp_path, ONE.replace('"m"', f'"{model}"')).provider[0]) for model in ("a", "b"))
    assert (one.model, two.model, one.url) == ("a", "b", two.url)


def test_prices_caps_and_order_are_read(tmp_path: Path) -> None:
    text = ONE + "prices = { sent = 2.5, received = 10 }\n" + ONE.replace('"one"', '"two"')
    found = read(tmp_path, text + '[cascade]\norder = ["two", "one"]\n[budget.day]\nmoney = 1.5\n')
    assert [table.name for table in found.in_order("solo")] == ["two", "one"]
    assert (price_of(found.provider[0]).sent, found.budget.day.cap.money) == (2.5, 1.5)
    assert found.budget.task.cap.tokens == 100_000


def test_the_folder_can_be_moved(tmp_path: Path) -> None:
    assert configuration_file({"REGREEN_CONFIG_DIR": str(tmp_path)}) == tmp_path / "config.toml"


def test_the_editor_is_told_whose_keys_it_keeps(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(ONE + "key = { editor = true }\n" + ONE.replace('"one"', '"two"'))
    assert providers_with_keys({"REGREEN_CONFIG_DIR": str(tmp_path)}) == ("one",)
    (tmp_path / "config.toml").write_text("nonsense")
    assert providers_with_keys({"REGREEN_CONFIG_DIR": str(tmp_path)}) == ()


def test_a_server_on_this_machine_may_be_reached_without_encryption(tmp_path: Path) -> None:
    local = ONE.replace("https://models.example", "http://localhost:8080") + 'key = { env = "K" }\n'
    assert read(tmp_path, local).provider[0].address == "http://localhost:8080/v1"


BAD = {
    "no TOML": ("[[provider]\n", "is no TOML"),
    "an unknown key": ("colour = 1\n", "colour"),
    "an unknown key of a provider": (ONE + "modle = 1\n", "provider “one”.modle"),
    "no name": (ONE.replace('name = "one"\n', ""), "provider number 1.name"),
    "no model": (ONE.replace('model = "m"\n', ""), "provider “one”.model"),
    "an empty model": (ONE.replace('"m"', '""'), "provider “one”.model"),
    "a name with blanks": (ONE.replace('"one"', '"my one"'), "name"),
    "a reserved name": (ONE.replace('"one"', '"cascade"'), "is taken"),
    "the same name twice": (ONE + ONE, "two providers that are called “one”"),
    "no wire and no preset": (ONE.replace('wire = "openai"\n', ""), "a preset, or a wire"),
    "a wire and a preset": (ONE + 'preset = "groq"\n', "not both"),
    "an unknown wire": (ONE.replace('"openai"', '"telex"'), "provider “one”.wire"),
    "an unknown preset": ('[[provider]]\nname = "x"\npreset = "acme"\nmodel = "m"\n', "provider “x”.preset"),
    "no address": ('[[provider]]\nname = "x"\npreset = "azure"\nmodel = "m"\n', "should have a url"),
    "an address of another kind": (ONE.replace("https:", "ftp:"), "https://"),
    "an address with a password": (ONE.replace("https://", "https://me:pw@"), "should hold no password"),
    "an address with a query": (ONE.replace("/v1", "/v1?key=1"), "should hold no password"),
    "a key over an open line": (
        ONE.replace("https", "http") + 'key = { env = "K" }\n', "would send its key unencrypted",
    ),
    "a key written down": (ONE + 'key = "sk-abcdefghijklmnopqrstuvwxyz"\n', "provider “one”.key"),
    "two places of a key": (ONE + 'key = { env = "K", editor = true }\n', "exactly one of"),
    "no place of a key": (ONE + "key = {}\n", "exactly one of"),
    "a command as one text": (ONE + 'key = { command = "vault read" }\n', "key.command"),
    "an empty command": (ONE + "key = { command = [] }\n", "key.command"),
    "a small context": (ONE + "context = 512\n", "provider “one”.context"),
    "a negative price": (ONE + "prices = { sent = -1 }\n", "prices.sent"),
    "an unknown price": (ONE + "prices = { sending = 1 }\n", "prices.sending"),
    "an endless price": (ONE + "prices = { sent = inf }\n", "prices.sent"),
    "an unknown provider in the order": (ONE + '[cascade]\norder = ["two"]\n', "no provider is called so"),
    "an order of no profile": (ONE + '[cascade.by_profile]\nfast = ["one"]\n', "cascade.by_profile.fast"),
    "an unknown provider in a profile's order": (
        ONE + '[cascade.by_profile]\nlatency = ["two"]\n',
        "in cascade.by_profile.latency, and no provider is called so",
    ),
    "a provider twice in the order": (ONE + '[cascade]\norder = ["one", "one"]\n', "twice in cascade.order"),
    "negative patience": ("[cascade]\npatience = -1\n", "cascade.patience"),
    "an unknown scope": ("[budget.year]\ntokens = 1\n", "budget.year"),
    "a negative cap": ("[budget.task]\ntokens = -1\n", "budget.task.tokens"),
    "a cap of another kind": ('[budget.day]\nmoney = "all"\n', "budget.day.money"),
    "local as a word": ('local = "perhaps"\n', "local"),
    "a table in place of the list": ('[provider]\nname = "one"\n', "provider"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_what_does_not_fit_is_named_with_file_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert said in caught.value.message
    assert str(tmp_path / "config.toml") in caught.value.message
    assert "docs/configuration.md" in caught.value.next_step
    assert "sk-abc" not in str(caught.value)


REVIEWED = ONE + ONE.replace('"one"', '"two"').replace('"m"', '"n"') + '[review]\nprovider = "two"\n'


def test_a_profile_has_an_order_of_its_own(tmp_path: Path) -> None:
    two = ONE.replace('"one"', '"two"')
    found = read(tmp_path, f'{ONE}{two}[cascade]\norder = ["one", "two"]\n[cascade.by_profile]\nlatency = ["two"]\n')
    orders = {profile: [table.name for table in found.in_order(profile)] for profile in ("solo", "team", "latency")}
    assert orders == {"solo": ["one", "two"], "team": ["one", "two"], "latency": ["two"]}


def test_who_reviews_does_not_write(tmp_path: Path) -> None:
    found = read(tmp_path, REVIEWED)
    assert [table.name for table in found.in_order("solo")] == ["one"]
    assert found.reviewer is not None
    assert found.reviewer.name == "two"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (REVIEWED.replace('= "two"\n', '= "three"\n').replace('name = "three"', 'name = "two"'), "lets “three” review"),
        (REVIEWED + '[cascade]\norder = ["one", "two"]\n', "which reviews what the others write"),
    ],
)
def test_a_review_that_cannot_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(tmp_path, text)
