"""The pages' logs hold nobody's words either: the server's own form of log lines, for Streamlit's loggers too."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from core.telemetry import configure_logging


@asynccontextmanager
async def wordless_logs(app: Any) -> AsyncIterator[None]:
    """While the pages run. What a page raises may quote what a customer wrote; only its type and its place are logged.

    app: ignored; the form of a lifespan asks for it
    """
    configure_logging()
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "streamlit":
            logger = logging.getLogger(name)
            logger.handlers.clear()  # Streamlit gives each logger a handler of its own, which prints messages
            logger.propagate = True
    yield
