"""Settings from the editor."""

from __future__ import annotations

import pytest

from regreen.app import Settings
from regreen.core.errors import UsageError


def test_nothing_set_gives_the_defaults() -> None:
    assert Settings.from_editor({}) == Settings()


def test_the_editors_names_are_camel_case_and_the_clients_own_are_left_out() -> None:
    settings = Settings.from_editor(
        {"runOnSave": False, "maxAttempts": 2, "interpreter": "/py", "trace": {"server": "off"}}
    )
    assert (settings.run_on_save, settings.max_attempts) == (False, 2)
    assert settings.policy().max_attempts == 2


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"maxAttempts": 9}, "maxAttempts"),
        ({"maxAttempts": "many"}, "maxAttempts"),
        ({"testTimeout": 0}, "testTimeout"),
        ({"testTimeout": -5}, "testTimeout"),
        ({"testTimeout": None}, "testTimeout"),
        ({"profile": "reckless"}, "profile"),
        ({"provider": "oracle of delphi"}, "provider"),
        ({"diagnosticsSeverity": "loud"}, "diagnosticsSeverity"),
        ({"runOnSave": "perhaps"}, "runOnSave"),
        ({"runOnsave": True}, "runOnsave"),
        ({"max_attempts_": 1}, "max_attempts_"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(values: dict[str, object], named: str) -> None:
    with pytest.raises(UsageError, match=rf"regreen\.{named}") as caught:
        Settings.from_editor(values)
    assert "docs/settings.md" in caught.value.next_step
