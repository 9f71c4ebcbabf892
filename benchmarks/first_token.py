"""How long a customer waits for the first piece of a streamed reply, against the whole reply at once.

python -m benchmarks.first_token --api http://127.0.0.1:8000 --key trv_… --clients 1 --messages 100

Each client holds one conversation with the sample desk and asks its test questions; every other one is streamed,
so that both ways are measured under the same load. A client whose chat went to a person begins a new one.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from apps.customer_service.sample import questions

CHATS = "/v1/support/conversations"


def one_client(api: str, key: str, texts: list[str], first: int) -> dict[str, list[float]]:
    """returns: milliseconds to the first delta, and to the whole reply without streaming"""
    waits: dict[str, list[float]] = {"first token": [], "whole reply": []}
    with httpx.Client(base_url=api, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        chat = ""
        for turn, text in enumerate(texts, start=first):
            if not chat:
                chat = client.post(CHATS, json={}).json()["conversation"]["id"]
            path, body = f"{CHATS}/{chat}/messages", {"text": text}
            began = time.perf_counter()
            if turn % 2:
                told: dict[str, Any] = client.post(path, json=body).raise_for_status().json()
                waits["whole reply"].append(1000 * (time.perf_counter() - began))
                chat = chat if told["state"] == "bot" else ""
                continue
            with client.stream("POST", path, json=body, headers={"Accept": "text/event-stream"}) as stream:
                for line in stream.raise_for_status().iter_lines():
                    if line == "event: delta":
                        waits["first token"].append(1000 * (time.perf_counter() - began))
                        break
            chat = chat if client.get(f"{CHATS}/{chat}").json()["state"] == "bot" else ""
    return waits


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--clients", type=int, default=1)
    parser.add_argument("--messages", type=int, default=100, help="of each client")
    asked = parser.parse_args(arguments)
    known = [str(line["text"]) for line in questions("test") if line.get("documents")]
    with ThreadPoolExecutor(asked.clients) as pool:
        runs = [
            pool.submit(
                one_client, asked.api, asked.key, [known[(at + n) % len(known)] for n in range(asked.messages)], at
            )
            for at in range(asked.clients)
        ]
        found = [run.result() for run in runs]
    for name in ("first token", "whole reply"):
        waits = sorted(wait for one in found for wait in one[name])
        p95 = statistics.quantiles(waits, n=20)[-1]
        print(f"{name}: median {statistics.median(waits):.1f} ms, p95 {p95:.1f} ms, n {len(waits)}")


if __name__ == "__main__":
    main(sys.argv[1:])
