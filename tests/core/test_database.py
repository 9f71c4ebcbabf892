from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import event, text

from core.database import THREADS, Database


def test_each_thread_that_answers_keeps_a_connection(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/kept.db")
    opened: list[object] = []
    event.listen(database.engine, "connect", lambda connection, _: opened.append(connection))
    together = Barrier(THREADS)

    def ask(_: int) -> None:
        for _ in range(3):
            together.wait(30)
            with database.reading() as connection:
                connection.execute(text("SELECT 1"))
                together.wait(30)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(ask, range(THREADS)))
    database.close()
    assert len(opened) == THREADS


def _write_and_fail(database: Database) -> None:
    with database.session(write=True) as session:
        session.execute(text("INSERT INTO held VALUES (1)"))
        raise InterruptedError


def test_a_write_after_a_single_query_on_the_same_connection_is_still_all_or_nothing(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/whole.db")
    with database.session(write=True) as session:
        session.execute(text("CREATE TABLE held (n INTEGER)"))
    with database.reading() as connection:
        connection.execute(text("SELECT n FROM held"))
    with pytest.raises(InterruptedError):
        _write_and_fail(database)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM held")).scalar() == 0
    database.close()
