"""From click to path: how long the playground takes to answer, for one user and for twenty at once.

A click asks for a descent of 400 steps on 200 points from a new start, on a surface that the page has already. The
time is that of the whole HTTP answer; what the browser needs to draw it comes on top (tests/app/test_in_browser.py).

Run: python benchmarks/app.py [REQUESTS]
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time

import numpy as np

PER_USER = 40
USERS = (1, 20)


def main() -> None:
    """Start a server, ask it, and print what it took."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    code = "from ravine.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        try:
            report(port, server.pid, requests)
        finally:
            server.terminate()


def report(port: int, process: int, requests: int) -> None:
    """Print the times for so many users at once, then the memory over many requests."""
    state = ask(port, "open", {"example": "two-layer"})["state"]
    surface = ask(port, "answer", {"state": state})["surface"]
    together(port, state, surface, 20, 5)  # every worker compiles its loop
    print(f"{'users':>5} {'median':>9} {'95 %':>9} {'slowest':>9}  errors")
    for users in USERS:
        seconds, errors = together(port, state, surface, users, PER_USER)
        median, most, slowest = 1e3 * np.quantile(seconds, [0.5, 0.95, 1.0])
        print(f"{users:>5} {median:>6.0f} ms {most:>6.0f} ms {slowest:>6.0f} ms  {errors}")
    memory = [resident(process)]
    for _ in range(4):
        together(port, state, surface, 4, requests // 16)
        memory.append(resident(process))
    print(f"memory over {requests:,} requests: {' → '.join(f'{each:.0f}' for each in memory)} MB")


def together(port: int, state: dict, surface: str, users: int, clicks: int) -> tuple[list[float], int]:
    """Let users click at once; return the seconds of every answer and how many were errors."""
    seconds: list[float] = []
    errors: list[str] = []

    def click_on(seed: int) -> None:
        random = np.random.default_rng(seed)
        for _ in range(clicks):
            start = {"a": float(random.uniform(-2, 7)), "b": float(random.uniform(-2, 7))}
            began = time.perf_counter()
            found = ask(port, "answer", {"state": {**state, "starts": [start]}, "surface": surface})
            seconds.append(time.perf_counter() - began)
            errors.extend([found["error"]] if "error" in found else [])

    threads = [threading.Thread(target=click_on, args=(seed,)) for seed in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds, len(errors)


def ask(port: int, name: str, content: dict) -> dict:
    """Return what the server answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("POST", f"/ask/{name}", json.dumps(content), {"Content-Type": "application/json"})
    found = json.loads(connection.getresponse().read())
    connection.close()
    return found


def resident(process: int) -> float:
    """Return the memory that a process holds, in MB (Linux)."""
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000


if __name__ == "__main__":
    main()
