"""What a page's failure writes to the log of the pages' process."""

import subprocess
import sys

PROCESS = """
import asyncio, logging
from streamlit.logger import get_logger
from ui.logs import wordless_logs

streamlit = get_logger("streamlit.error_util")

async def fail():
    async with wordless_logs(None):
        for logger in (logging.getLogger("ui.pages"), streamlit):
            try:
                raise ValueError("my card 4111 was declined")
            except ValueError as error:
                logger.exception("the page of %s failed: " + ("" if logger is not streamlit else str(error)), "desk")

asyncio.run(fail())
"""


def test_a_failing_page_says_where_and_not_what_was_written():
    done = subprocess.run([sys.executable, "-c", PROCESS], capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    assert sum('"error": "ValueError"' in line for line in lines) == 2
    assert "4111" not in done.stderr + done.stdout
    assert "message withheld" in done.stderr
