"""Databases on the PostgreSQL server that the tests were given; all of them go when the tests end."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

SERVER = "TRIVIUM_TEST_POSTGRES_URL"
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_NUMBERS = text(
    "CREATE TABLE seeds.pg_numbers AS SELECT format('%I.%I', schemaname, sequencename) AS name, start_value, last_value"
    " FROM pg_sequences"
)
_RESTARTED = text(
    "SELECT setval(name::regclass, coalesce(last_value, start_value), last_value IS NOT NULL) FROM seeds.pg_numbers"
)


@contextmanager
def new_database() -> Iterator[str]:
    """An empty database. yields: its address. Where no server was named, the test is skipped."""
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"{SERVER} is not set, e.g. to postgresql+psycopg://postgres@127.0.0.1:5432/test")
    name = f"trivium_test_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


class Reused:
    """A migrated database that one test after another gets as if it were new: making the tables took longer than most
    tests. url: its address
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url)
        with self._engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA seeds"))
            self._seeds = _filled(connection)  # such as counters that begin at 0
            for table in self._seeds:
                connection.execute(text(f"CREATE TABLE seeds.{table} AS TABLE public.{table}"))
            connection.execute(_NUMBERS)
        self._engine.dispose()

    def clean(self) -> None:
        """Cut off whoever is left of the test before, and put all tables and counters back to how they began."""
        with self._engine.begin() as connection:
            connection.execute(_OTHERS)
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # rows in whatever order
            if filled := _filled(connection):
                connection.execute(text(f"TRUNCATE {', '.join(filled)} CASCADE"))
            for table in self._seeds:
                connection.execute(text(f"INSERT INTO {table} SELECT * FROM seeds.{table}"))
            connection.execute(_RESTARTED)
        self._engine.dispose()


def _filled(connection: Connection) -> list[str]:
    """Tables that hold anything."""
    tables = list(connection.scalars(_TABLES))
    asked = ", ".join(f"EXISTS (SELECT FROM {table})" for table in tables)
    held = connection.execute(text(f"SELECT {asked}")).one()
    return [table for table, holds in zip(tables, held, strict=True) if holds]
