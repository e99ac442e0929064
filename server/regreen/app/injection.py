"""`[state_injection]` of the person's own file: which facts of the running system a request may tell, and how."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

_KINDS = ("sqlite", "postgresql", "postgres")
_HEADER = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"
_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,199}$"
_PREFIX = r"^[A-Za-z_][A-Za-z0-9_]{1,99}$"  # one letter would be half of an environment
_OURS = re.compile(r"host|content-|transfer-encoding|connection|accept|user-agent", re.IGNORECASE)


def _database(url: str) -> str:
    scheme = urlsplit(url).scheme
    if scheme not in _KINDS:
        raise ValueError("should begin with sqlite:/// or postgresql://")
    if scheme == "sqlite" and not url.startswith("sqlite:///"):
        raise ValueError("should name a file: sqlite:///relative/path or sqlite:////absolute/path")
    if scheme != "sqlite" and urlsplit(url).password:
        raise ValueError("should hold no password: name the variable that holds the address in env instead")
    return url


def _header(name: str) -> str:
    if _OURS.match(name):
        raise ValueError("should not be a header that the connection itself needs")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseTable(_Strict):
    """One database whose schema is told. Its address stands here, or in a variable."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    url: Annotated[str, Field(max_length=1000), AfterValidator(_database)] | None = None
    env: Annotated[str, Field(pattern=_NAME)] | None = None

    @model_validator(mode="after")
    def _one(self) -> DatabaseTable:
        if (self.url is None) == (self.env is None):
            raise ValueError("should have exactly one of url and env")
        return self


class HeaderTable(_Strict):
    """One header whose value is put in when a request is sent. The request itself tells only its name."""

    name: Annotated[str, Field(pattern=_HEADER), AfterValidator(_header)]
    env: Annotated[str, Field(pattern=_NAME)]
    provider: Annotated[str, Field(min_length=1, max_length=40)]


class StateTable(_Strict):
    """The whole table."""

    env_prefixes: Annotated[list[Annotated[str, Field(pattern=_PREFIX)]], Field(max_length=20)] = []
    database: Annotated[list[DatabaseTable], Field(max_length=10)] = []
    auth_header: Annotated[list[HeaderTable], Field(max_length=20)] = []
