"""Secrets do not pass, and code does."""

from __future__ import annotations

import base64
import json
import secrets
import sysconfig
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.guard import Redactor, secret_values
from regreen.guard.redaction import FORMS
from tests.support.secret_lines import LINES, RANDOM

CLEAN = Redactor(["mellon-1", "abc"]).clean


def test_every_form_is_tried() -> None:
    assert {form.kind for form in FORMS} | {"named", "known"} == set(LINES)


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize(
    "around", ["{}", r"x\n{}\n", r'"a\\n{}\\n"', "say {} twice {}", '{{"log": "{}"}}', "\n\t{}\r\n", "é{}ü"]
)
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
        f'{{\\"password\\": \\"{RANDOM}\\"}}',
        rf"TOKEN={RANDOM}\nnext",
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
        "https://user:pass@host:port/path?query",
        "scheme://[user:passwd@]proxy.server:port",
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


@pytest.mark.parametrize("kind", LINES)
def test_a_veil_keeps_the_length_and_the_lines(kind: str) -> None:
    line, secret = LINES[kind]
    text = f"before\n{line}\nafter\n"
    veiled = Redactor(["mellon-1"]).veil(text)
    assert secret not in veiled
    assert [len(each) for each in veiled.split("\n")] == [len(each) for each in text.split("\n")]


KEY = "".join("aZ9kQ"[n % 5] + "0123456789abcdefXYZ"[n * 7 % 19] for n in range(30))


@pytest.mark.parametrize(
    "spelt",
    [
        KEY,
        quote(f"{KEY}&=1", safe=""),
        base64.b64encode(KEY.encode()).decode(),
        base64.b64encode(f"user:{KEY}".encode()).decode(),
        base64.b64encode(f"me:{KEY}".encode()).decode(),
        base64.urlsafe_b64encode(f"a:{KEY}".encode()).decode(),
        KEY.encode().hex(),
        json.dumps({"key": KEY}),
        repr({"key": KEY}),
        f"assert '{KEY[:40]}...{KEY[-38:]}' == ''",
    ],
)
def test_a_known_value_is_found_however_it_is_spelt(spelt: str) -> None:
    cleaned = Redactor([KEY]).clean(f"x {spelt} y")
    assert "[secret:known]" in cleaned
    assert KEY[:20] not in cleaned
    assert KEY[-20:] not in cleaned


def test_variables_that_sound_secret_are_known_by_their_values() -> None:
    environment = {
        "DB_PASSWORD": RANDOM, "STRIPE_API_KEY": "k" + RANDOM, "DATABASE_DSN": f"postgres://u:{RANDOM[:9]}@db/shop",
        "SSH_AUTH_SOCK": "/tmp/agent.1", "PASSWORD_STORE_DIR": "~/.store", "PWD": "/home/me/some1thing", "TOKEN": "abc",
        "MONKEY": RANDOM, "KEY_FILE": "C:\\keys\\one.pem", "SECRET_MODE": "disabled", "TOKEN_LIMIT": "10000000",
        "DB_PASS": "changes",
    }  # fmt: skip
    assert set(secret_values(environment)) == {RANDOM, "k" + RANDOM, RANDOM[:9]}
