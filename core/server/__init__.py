"""The API: one FastAPI application over all apps. Opens no services; whoever calls `create_api` brings them."""

from core.server.application import create_api as create_api
