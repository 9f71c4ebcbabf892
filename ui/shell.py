"""The pages as one web application: `streamlit run ui/shell.py`. Opens no model, no database and no API."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from ui.client import connect
from ui.gate import Gate
from ui.headers import SafeHeaders
from ui.logs import wordless_logs
from ui.sessions import sessions
from ui.sign_in import sign_in_route

app = st.App(
    Path(__file__).with_name("pages.py"),
    lifespan=wordless_logs,
    routes=[sign_in_route(sessions(), connect)],
    middleware=[Middleware(SafeHeaders), Middleware(Gate, sessions=sessions())],
)
