"""What a request may tell of the running system: gathered when a repair begins, by what the person's file names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun
from regreen.core.policy import Policy
from regreen.runtime import Connect, psycopg_connect, schema_of_postgres, schema_of_sqlite, told_variables

from .injection import DatabaseTable, HeaderTable, StateTable


@dataclass(frozen=True, slots=True)
class RunningState:
    """Gathers for one workspace. What cannot be read is told to the person, and left out."""

    root: str
    environment: Mapping[str, str]
    tell: Callable[[str], None]
    connect: Connect = psycopg_connect

    def gather(self, cancel: Cancellation, table: StateTable, policy: Policy) -> str:
        """Return the facts as text, "" when there are none or the policy forbids it.

        Raises:
            Cancelled: the token was set.
        """
        if not policy.inject_state or not policy.trusted:
            return ""
        parts = [
            "\n".join(told_variables(self.environment, table.env_prefixes)),
            "\n".join(dict.fromkeys(map(_header, table.auth_header))),
        ]
        if policy.max_rows:
            parts += [self._schema(cancel, database, policy.max_rows) for database in table.database]
        return "\n".join(part for part in parts if part)

    def _schema(self, cancel: Cancellation, database: DatabaseTable, max_rows: int) -> str:
        url = database.url or self.environment.get(database.env or "", "")
        try:
            if urlsplit(url).scheme == "sqlite":
                return schema_of_sqlite(cancel, database.name, self._file(database.name, url), max_rows)
            if urlsplit(url).scheme in ("postgres", "postgresql"):
                return schema_of_postgres(cancel, database.name, url, max_rows, self.connect)
        except CannotRun as problem:
            self.tell(f"{problem} The request goes without it.")
            return ""
        what = f"the variable {database.env} holds no sqlite:/// or postgresql:// address" if url else "it is not set"
        self.tell(f"The database “{database.name}” has no address: {what}. The request goes without it.")
        return ""

    def _file(self, name: str, url: str) -> Path:
        path = Path(unquote(urlsplit(url).path.removeprefix("/")))
        file = Path(self.root, path).resolve()
        # A link of the repository must not lead to a database of somebody else.
        if not path.is_absolute() and not file.is_relative_to(Path(self.root).resolve()):
            raise CannotRun(
                f"The file of the database “{name}” lies outside of the workspace.",
                next_step="Give its absolute path, as in sqlite:////var/lib/shop.db, if that is meant.",
            )
        return file


def _header(table: HeaderTable) -> str:
    return f"header {table.name} is put in when a request is sent; its value is not told"
