"""Made-up secrets of every kind that is known, and one more."""

from __future__ import annotations

import string

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
