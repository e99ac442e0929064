"""Services by name: where a request goes, which header holds the key, and what is found on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regreen.app.configuration import read_configuration
from regreen.app.shelf import endpoint_of
from regreen.core.cancel import Cancellation
from regreen.providers.models.http import ServiceFailed, ask
from regreen.providers.models.local import found_locally
from regreen.providers.models.presets import LOCAL, PRESETS, Preset
from regreen.providers.models.values import Message, ModelRequest, Role, Structured
from regreen.providers.models.wires import WIRES
from tests.support.model_server import Answer, Asked, serving

ASKED = ModelRequest("system", (Message(Role.USER, "text"),), schema={"type": "object"})


def asked_of(preset: str, folder: Path, under: str = "") -> Asked:
    """Return the request that a service of a preset gets when it lies on this machine."""
    with serving(Answer(503)) as server:
        file = folder / "config.toml"
        url = server.url + under
        file.write_text(f'[[provider]]\nname = "one"\npreset = "{preset}"\nmodel = "m"\nurl = "{url}"\n')
        endpoint = endpoint_of(read_configuration(file).provider[0])
        wire = WIRES[endpoint.wire]
        with pytest.raises(ServiceFailed):
            ask(Cancellation(), endpoint, wire.request(endpoint, "sesame", ASKED), wire.piece)
        return server.asked[0]


@pytest.mark.parametrize(
    ("preset", "under", "path", "header", "value"),
    [
        ("azure", "/openai/v1", "/openai/v1/chat/completions", "api-key", "sesame"),
        ("ollama", "/v1", "/v1/chat/completions", "authorization", "Bearer sesame"),
        ("openrouter", "/api/v1", "/api/v1/chat/completions", "authorization", "Bearer sesame"),
        ("groq", "/openai/v1", "/openai/v1/chat/completions", "authorization", "Bearer sesame"),
        ("anthropic", "", "/v1/messages", "x-api-key", "sesame"),
    ],
)
def test_a_preset_sends_where_its_service_listens(
    tmp_path: Path, preset: str, under: str, path: str, header: str, value: str
) -> None:
    asked = asked_of(preset, tmp_path, under)
    assert (asked.path, asked.headers[header]) == (path, value)
    assert json.loads(asked.body)["model"] == "m"


def test_every_address_of_a_preset_is_encrypted_or_on_this_machine() -> None:
    for name, preset in PRESETS.items():
        local = preset.url.startswith("http://127.0.0.1:")
        assert local == (name in LOCAL), name
        assert local or not preset.url or preset.url.startswith("https://"), name


def test_a_server_on_this_machine_is_found_with_its_first_model() -> None:
    models = json.dumps({"object": "list", "data": [{"id": "qwen"}, {"id": "other"}]}).encode()
    with serving(Answer(200, [models])) as server, serving(Answer(200, [b"<html>"])) as other:
        presets = {
            "ollama": Preset("openai", f"{server.url}/v1", Structured.SCHEMA),
            "vllm": Preset("openai", f"{other.url}/v1", Structured.SCHEMA),
            "lmstudio": Preset("openai", "http://127.0.0.1:1/v1", Structured.SCHEMA),
        }
        found = found_locally(Cancellation(), presets)
        assert [(each.name, each.model) for each in found] == [("ollama", "qwen")]
        assert server.asked[0].path == "/v1/models"
        assert "authorization" not in server.asked[0].headers
