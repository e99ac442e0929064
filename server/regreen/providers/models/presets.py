"""The services that are known by name: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .values import Structured


@dataclass(frozen=True, slots=True)
class Preset:
    """How a service is reached. `variable` usually holds its key, "" where none is needed."""

    wire: str
    url: str  # "" where each person has an own address
    structured: Structured
    variable: str = ""
    key_header: str = ""
    thinking: int = 0  # tokens that its models may think before they reply, beside those of the context


_THINKS = 6144  # with a reply, 8192: what older models may answer at most
PRESETS: Mapping[str, Preset] = {
    "openai": Preset("openai", "https://api.openai.com/v1", Structured.SCHEMA, "OPENAI_API_KEY", thinking=_THINKS),
    "azure": Preset("openai", "", Structured.SCHEMA, "AZURE_OPENAI_API_KEY", "api-key", _THINKS),
    "anthropic": Preset(
        "anthropic", "https://api.anthropic.com", Structured.TOOL, "ANTHROPIC_API_KEY", thinking=_THINKS
    ),
    "gemini": Preset(
        "gemini", "https://generativelanguage.googleapis.com", Structured.SCHEMA, "GEMINI_API_KEY", thinking=_THINKS
    ),
    "openrouter": Preset(
        "openai", "https://openrouter.ai/api/v1", Structured.SCHEMA, "OPENROUTER_API_KEY", thinking=_THINKS
    ),
    "groq": Preset("openai", "https://api.groq.com/openai/v1", Structured.JSON, "GROQ_API_KEY"),
    "deepseek": Preset("openai", "https://api.deepseek.com", Structured.JSON, "DEEPSEEK_API_KEY", thinking=_THINKS),
    "mistral": Preset("openai", "https://api.mistral.ai/v1", Structured.JSON, "MISTRAL_API_KEY"),
    "ollama": Preset("openai", "http://127.0.0.1:11434/v1", Structured.SCHEMA),
    "llamacpp": Preset("openai", "http://127.0.0.1:8080/v1", Structured.SCHEMA),
    "lmstudio": Preset("openai", "http://127.0.0.1:1234/v1", Structured.SCHEMA),
    "vllm": Preset("openai", "http://127.0.0.1:8000/v1", Structured.SCHEMA),
}
LOCAL = ("ollama", "llamacpp", "lmstudio", "vllm")
