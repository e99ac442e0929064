"""Exceptions to answers: which JSON-RPC error a person's client gets for what went wrong.

| what | code | data |
|---|---|---|
| wrong parameters | -32602 | |
| cancelled | -32800 | |
| `StaleRequest` | -32801 | kind, message, nextStep |
| any other `RegreenError` | -32803 | kind, message, nextStep |
| a bug | -32603 | |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pydantic import ValidationError
from pygls.exceptions import JsonRpcException

from regreen.core.cancel import Cancelled
from regreen.core.errors import RegreenError, StaleRequest
from regreen.pages import told

METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
CONTENT_MODIFIED = -32801
REQUEST_FAILED = -32803


@dataclass(frozen=True, slots=True)
class Fault:
    """An error answer."""

    code: int
    message: str
    details: dict[str, str] = field(default_factory=dict)
    bug: bool = False  # ours: to be logged with its stack

    def cleaned(self, clean: Callable[[str], str]) -> Fault:
        """Return it without secrets, and with nothing in it that steers or hides."""
        return replace(
            self,
            message=told(clean(self.message)),
            details={name: value if name == "kind" else told(clean(value)) for name, value in self.details.items()},
        )

    def payload(self) -> dict[str, object]:
        """Return the `error` member of the answer."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        return {**error, "data": self.details} if self.details else error


CANCELLED = Fault(REQUEST_CANCELLED, "Cancelled.")


def fault_of(error: BaseException) -> Fault:
    """Say how an exception is answered."""
    if isinstance(error, Cancelled):
        return CANCELLED
    if isinstance(error, RegreenError):
        code = CONTENT_MODIFIED if isinstance(error, StaleRequest) else REQUEST_FAILED
        details = {"kind": type(error).__name__, "message": error.message, "nextStep": error.next_step}
        return Fault(code, str(error), details)
    if isinstance(error, ValidationError):
        return Fault(INVALID_PARAMS, f"Invalid params: {_first_problem(error)}")
    if isinstance(error, JsonRpcException):
        return Fault(error.code, error.message)
    return Fault(INTERNAL_ERROR, f"Internal error: {error!r}. Your files are untouched; please report it.", bug=True)


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
