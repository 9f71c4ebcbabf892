"""Customers of a running house who ask for a person, over HTTP."""

import httpx


def customer_asks(api: httpx.Client, text: str, name: str) -> str:
    """Begin a conversation, ask for a person, say what for. returns: the conversation's id"""
    new = {"customer": f"c-{name}", "metadata": {"name": name}}
    begun = api.post("/v1/support/conversations", json=new).raise_for_status().json()
    chat = str(begun["conversation"]["id"])
    api.post(f"/v1/support/conversations/{chat}/handoff").raise_for_status()
    customer_writes(api, chat, text)
    return chat


def customer_writes(api: httpx.Client, chat: str, text: str) -> None:
    """Write on."""
    api.post(f"/v1/support/conversations/{chat}/messages", json={"text": text}).raise_for_status()
