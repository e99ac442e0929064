"""Secrets do not pass, and code does."""

from __future__ import annotations

import json
import secrets
import string
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.guard import Redactor
from regreen.guard.redaction import FORMS

LETTERS = (string.ascii_letters + string.digits) * 3
HEX = "0123456789abcdef" * 8
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 3
RANDOM = "q7Rz2LkV9xTb4WnY"
# Made here, so that no scanner of secrets takes this file for one: kind -> a line, and what must be gone of it.
LINES = {
    "private-key": ("-----BEGIN RSA PRI" + f"VATE KEY-----\n{LETTERS}\n-----END RSA PRIVATE KEY-----", LETTERS),
    "jwt": (f"cookie eyJ{LETTERS[:20]}.eyJ{LETTERS[:30]}.{LETTERS[:20]} end", LETTERS[:20]),
    "aws-key-id": ("AKIA" + CAPITALS[:16], CAPITALS[:16]),
    "github": ("ghp_" + LETTERS[:36], LETTERS[:36]),
    "gitlab": ("glpat-" + LETTERS[:20], LETTERS[:20]),
    "slack": ("xoxb-" + "1234567890-" + LETTERS[:24], LETTERS[:24]),
    "webhook": ("https://hooks.slack.com/services/T00/B00/" + LETTERS[:24], LETTERS[:24]),
    "anthropic": ("sk-ant-api03-" + LETTERS[:60], LETTERS[:60]),
    "openai": ("sk-proj-" + LETTERS[:48], LETTERS[:48]),
    "google": ("AIza" + LETTERS[:35], LETTERS[:35]),
    "groq": ("gsk_" + LETTERS[:52], LETTERS[:52]),
    "huggingface": ("hf_" + LETTERS[:34], LETTERS[:34]),
    "stripe": ("sk_live_" + LETTERS[:24], LETTERS[:24]),
    "npm": ("npm_" + LETTERS[:36], LETTERS[:36]),
    "pypi": ("pypi-AgE" + LETTERS[:60], LETTERS[:60]),
    "digitalocean": ("dop_v1_" + HEX[:64], HEX[:64]),
    "sendgrid": ("SG." + LETTERS[:22] + "." + LETTERS[:43], LETTERS[:22]),
    "twilio": ("SK" + HEX[:32], HEX[:32]),
    "telegram": ("123456789:AA" + LETTERS[:33], LETTERS[:33]),
    "vault": ("hvs." + LETTERS[:24], LETTERS[:24]),
    "databricks": ("dapi" + HEX[:32], HEX[:32]),
    "shopify": ("shpat_" + HEX[:32], HEX[:32]),
    "age": ("AGE-SECRET-KEY-1" + CAPITALS[:58], CAPITALS[:58]),
    "connection": ("AccountName=x;AccountKey=" + LETTERS[:60] + "==;", LETTERS[:60]),
    "url-password": (f"postgres://user:{RANDOM}@db.example.com/shop", RANDOM),
    "authorization": (f'"Authorization": "Basic {RANDOM}"', RANDOM),
    "bearer": (f"curl -H 'X: Bearer {LETTERS[:30]}'", LETTERS[:30]),
    "named": (f'DB_PASSWORD="{RANDOM}"', RANDOM),
    "known": ("The word is mellon-1.", "mellon-1"),
}
CLEAN = Redactor(["mellon-1", "abc"]).clean


def test_every_form_is_tried() -> None:
    assert {form.kind for form in FORMS} | {"named", "known"} == set(LINES)


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("around", ["{}", "say {} twice {}", '{{"log": "{}"}}', "\n\t{}\r\n", "é{}ü"])
def test_a_secret_is_taken_out(kind: str, around: str) -> None:
    line, secret = LINES[kind]
    cleaned = CLEAN(around.replace("{}", line))
    assert secret not in cleaned
    assert f"[secret:{kind}]" in cleaned or "[secret:" in cleaned
    assert CLEAN(cleaned) == cleaned


@pytest.mark.parametrize(
    "line",
    [
        f"password: {RANDOM}",
        f"export API_KEY={RANDOM}",
        f"--token={RANDOM}",
        f"const clientSecret = '{RANDOM}';",
        f'    access_key => "{RANDOM}",',
        f'{{"private_key": "{RANDOM}"}}',
        f"SIGNING_KEY = b'{RANDOM}'",
        f"password = `{RANDOM}`",
    ],
)
def test_what_a_name_calls_secret_is_taken_out(line: str) -> None:
    assert RANDOM not in CLEAN(line)
    assert "[secret:named]" in CLEAN(line)


@pytest.mark.parametrize(
    "line",
    [
        "password = os.environ['DB_PASSWORD']",
        "token = parse_token(line)",
        "token: str = tokens[position]",
        "if token == self.expected_token2:",
        'api_key = "your-api-key-here"',
        'password = "changeme123"',
        'secret_name = "projects/shop/secrets/db"',
        "TOKEN = ${{ secrets.TOKEN1 }}",
        "auth_key = None",
        'message = "the password is wrong, try again"',
        "tokens = tokenize.generate_tokens(readline)",
        "private_key_path = '/etc/ssl/private/key.pem'",
        "postgres://user:password@localhost/db".replace("password", "{password}"),
        "sk-learn and sk-image are libraries",
        "task-force and risk-analysis-of-the-year",
        "https://example.com/a:b/c@d",
        "secret_length = 32",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_code_passes(line: str) -> None:
    assert CLEAN(line) == line


def test_source_code_is_left_alone_but_for_a_line_in_fifty_thousand_characters() -> None:
    library = Path(sysconfig.get_paths()["stdlib"])
    files = [file for file in sorted(library.glob("*.py"))[::4] if file.stat().st_size < 100_000]
    texts = [file.read_text("utf-8", "replace") for file in files]
    hits = sum(CLEAN(text).count("[secret:") for text in texts)
    assert 500_000 < sum(map(len, texts))
    assert hits * 50_000 <= sum(map(len, texts))


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert CLEAN(CLEAN(text)) == CLEAN(text)


@given(st.text(min_size=6), st.text(), st.text())
def test_a_known_value_never_passes(value: str, before: str, after: str) -> None:
    cleaned = Redactor([value]).clean(before + value + after)
    assert value not in cleaned or value in "[secret:known]"


def test_a_redactor_does_not_show_what_it_knows() -> None:
    value = secrets.token_hex(16)
    assert value not in repr(Redactor([value]))
    assert json.dumps(Redactor([value]).clean(f"x{value}y")) == '"x[secret:known]y"'
