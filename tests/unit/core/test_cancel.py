"""Cancellation: once set it stays set, and children follow their parents only."""

from __future__ import annotations

import threading

import pytest

from regreen.core.cancel import Cancellation, Cancelled


def test_a_fresh_token_lets_pass() -> None:
    token = Cancellation()
    token.check()
    token.wait(0)
    assert not token.cancelled


def test_a_set_token_raises_for_ever() -> None:
    token = Cancellation()
    token.cancel()
    token.cancel()
    for _ in range(2):
        with pytest.raises(Cancelled):
            token.check()
        with pytest.raises(Cancelled):
            token.wait(0)


def test_a_child_is_cancelled_with_its_parent_but_not_the_other_way_round() -> None:
    parent = Cancellation()
    child, sibling = Cancellation(parent), Cancellation(parent)
    child.cancel()
    assert (parent.cancelled, child.cancelled, sibling.cancelled) == (False, True, False)
    parent.cancel()
    assert sibling.cancelled
    assert Cancellation(sibling).cancelled


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.timeout(20)
def test_a_waiter_wakes_when_its_token_or_a_parent_is_set(depth: int) -> None:
    root = Cancellation()
    token = root
    for _ in range(depth):
        token = Cancellation(token)
    waiting, woken = threading.Event(), []

    def wait() -> None:
        waiting.set()
        try:
            token.wait(3600)
        except Cancelled:
            woken.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.wait()
    root.cancel()
    thread.join(10)
    assert woken == [True]
