"""Facts of the running system that a person lets requests tell: variables by prefix, schemas of databases.

Invariant: reads only, and only what it is given by name; never a row of a table, nor what its name calls secret.
"""

from .postgres import Connect, psycopg_connect, schema_of_postgres
from .schema import Column, Table, schema_text
from .sqlite import schema_of_sqlite
from .variables import told_variables

__all__ = [
    "Column", "Connect", "Table", "psycopg_connect", "schema_of_postgres", "schema_of_sqlite", "schema_text",
    "told_variables",
]  # fmt: skip
