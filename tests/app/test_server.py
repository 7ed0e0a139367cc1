"""Requests that nobody should send: every answer is one sentence, at once, and the next page is served as before."""

import base64
import json
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

HEADERS = {"Content-Type": "application/json"}
FORMULA = {"formula": "x**2", "optimizers": ["sgd"], "learning_rate": 0.1, "steps": 3}
DEEP = [
    "(" * 200 + "x" + ")" * 200,
    "sin(" * 99 + "x" + ")" * 99,
    "-" * 390 + "x",
    "x" + "**x" * 130,
    "[" * 200,
    "x." * 100,
]
CODE = [
    "__import__('os').system('true')", "().__class__", "open('/etc/passwd')", "x; import os", "lambda: 1", "eval(x)",
    "x if x else x", "f'{x}'", "x[0]", "{x: 1}", "x := 1", "9**9**9**9", "'a'*10**9", "x\x00", "\ud800",
    "\u202ex", "=", "",
    "   ", "y = ", "y = x = z", "import", "*x", "x**", "1e999*x", "nan", "inf", "<script>alert(1)</script>", "$(id)",
]  # fmt: skip
WRONG = [None, [], {}, "x", 1e308, -1, True, "9" * 5000, [[]] * 50, {"x": {"x": {}}}, 10**400]


def _states():
    """Yield states with something wrong in each place."""
    for text in (*DEEP, *CODE):
        yield {**FORMULA, "formula": text}
    for name in ("formula", "data", "starts", "plane", "optimizers", "learning_rate", "steps", "language"):
        for wrong in WRONG:
            yield {**FORMULA, name: wrong}
    for wrong in WRONG:
        yield {**FORMULA, "starts": [{"x": wrong}]}
        yield {**FORMULA, "plane": [["x", wrong, wrong]]}
        yield {**FORMULA, "data": {"kind": "own", "columns": {"x": wrong}}}
        yield {**FORMULA, "data": {"kind": "sketch", "formula": wrong, "truth": wrong}}


STATES = list(_states())
PATHS = [
    "/../../etc/passwd", "/assets/../server.py", "/assets/%2e%2e/server.py", "/assets/..%2f..%2f..%2fetc/passwd",
    "//etc/passwd", "/assets/%00", "/_dash-component-suites/../../x", "/ask/answer", "/ask/../health",
    "/_dash-component-suites/dash/%2e%2e/%2e%2e/x.js",
    "/download/run", "/" + "a" * 5000, "/texts/..%2f", "/texts/%0d%0aX: y", "/assets/server.py", "/ask/__class__",
    "/%c0%ae%c0%ae/",
    "/_dash-update-component", "/_dash-layout/../x", "/\\..\\x",
]  # fmt: skip


def _is_clean(content):
    """No trace of the machine's inside: no traceback, no folder, no line of code."""
    text = content.decode("utf-8", "replace")
    return not any(
        word in text for word in ("Traceback", "site-packages", 'File "', "/work", "/root", "/home", "root:x")
    )


def test_there_are_two_hundred_of_them():
    assert len(STATES) + len(PATHS) + len(BODIES) + len(OTHERS) >= 200


@pytest.mark.parametrize("state", STATES, ids=range(len(STATES)))
def test_hostile_states_get_an_answer_or_one_sentence(site, state):
    body = json.dumps({"state": state}).encode()
    status, content, _ = site.send("POST", "/ask/answer", body, HEADERS)
    assert status in (200, 400)
    found = json.loads(content)
    assert ("error" in found) != ("pictures" in found)
    assert _is_clean(content)
    assert len(found.get("error", "")) < 1200


@pytest.mark.parametrize("path", PATHS)
def test_path_tricks_find_nothing(site, path):
    # Clients would tidy the path.
    with socket.create_connection(("127.0.0.1", site.port), timeout=site.patience) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        content = b"".join(iter(lambda: raw.recv(65536), b""))
    assert content.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/1.1 200", b"HTTP/1.1 308"))
    assert _is_clean(content)
    assert b"Quotas" not in content


BODIES = [
    b"", b"{", b"[]", b"null", b"5", b'"x"', b"[" * 100_000, b'{"state":' * 20_000, b"\xff\xfe", b'{"state": NaN}',
    b'{"state": {"formula": "x**2", "steps": Infinity}}', b'{"a":1}' * 1000, b"x" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize(
    "path", ["/ask/answer", "/ask/open", "/ask/upload", "/download/run", "/_dash-update-component"]
)
def test_malformed_bodies_are_refused(site, path, body):
    status, content, _ = site.send("POST", path, body, HEADERS)
    assert status in (200, 400, 404, 411, 415) and (status != 200 or b"error" in content)
    assert _is_clean(content)


OTHERS = [
    ("GET", "/", {"Host": "evil.example"}, 421), ("GET", "/", {"Host": "127.0.0.1.evil.example"}, 421),
    ("GET", "/health", {"Host": ""}, 421), ("GET", "/", {"Host": "evil@127.0.0.1"}, 421),
    ("POST", "/ask/open", {**HEADERS, "Host": "evil.example:8050"}, 421),
    ("POST", "/ask/open", {**HEADERS, "Origin": "http://evil.example"}, 403),
    ("POST", "/ask/open", {**HEADERS, "Origin": "null"}, 403),
    ("POST", "/ask/open", {"Content-Type": "text/plain"}, 415),
    ("POST", "/ask/open", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ("PUT", "/ask/open", HEADERS, 405), ("DELETE", "/", {}, 405), ("TRACE", "/", {}, 405), ("OPTIONS", "/", {}, 405),
    ("POST", "/ask/nothing", HEADERS, 404), ("POST", "/ask/report%00", HEADERS, 404),
    ("POST", "/download/passwd", HEADERS, 200),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "headers", "status"), OTHERS)
def test_foreign_hosts_pages_and_methods_are_refused(site, method, path, headers, status):
    found, content, _ = site.send(method, path, b"{}" if method in ("POST", "PUT") else None, headers)
    assert found == status
    assert status != 200 or b"error" in content
    assert _is_clean(content)


def test_a_request_may_not_be_larger_than_said(site):
    status, content, _ = site.send("POST", "/ask/answer", b" " * 4_000_001, HEADERS)
    assert (status, json.loads(content)) == (413, {"error": "A request may have 4 MB at most."})


def test_an_upload_that_is_too_large_or_no_table_is_refused(site):
    for data in (b"1,2\n" * 260_000, b"PK\x03\x04" * 10, b"\0" * 99):
        _, found = site.ask("upload", {"contents": f"data:;base64,{base64.b64encode(data).decode()}", "name": "x.csv"})
        assert found["error"].startswith("upload: expected")


def test_the_page_sends_no_one_elsewhere(site):
    status, content, headers = site.send("GET", "/")
    assert status == 200
    assert "connect-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert "Server" not in headers
    text = content.decode()
    assert 'src="http' not in text and 'href="http' not in text


def test_health(site):
    assert site.send("GET", "/health")[:2] == (200, b'{"status":"ok"}')


def test_the_same_surface_is_not_sent_twice(site, state):
    first = site.ask("answer", {"state": state})[1]
    again = site.ask("answer", {"state": state, "surface": first["surface"]})[1]
    kinds = [[trace["type"] for trace in found["pictures"]["way"]["data"]] for found in (first, again)]
    assert "contour" in kinds[0] and "contour" not in kinds[1]
    moved = {**state, "plane": [["a", -1, 1], ["b", -1, 1]]}
    other = site.ask("answer", {"state": moved, "surface": first["surface"]})[1]
    assert other["surface"] != first["surface"]


def test_frames_end_where_the_descents_end(site, state):
    found = site.ask("answer", {"state": state})[1]
    path, steps = found["frames"]["paths"][0], found["frames"]["steps"]
    assert (steps[0], steps[-1]) == (0, path["steps"])
    curve = np.frombuffer(base64.b64decode(found["frames"]["curves"][0]["bdata"]), "<f4").reshape(len(steps), -1)
    a, b = path["params"][-1]
    across = np.frombuffer(base64.b64decode(found["frames"]["across"]["bdata"]), "<f4")
    np.testing.assert_allclose(curve[-1], np.sin(b * np.cos(a * across)), atol=1e-5)


def test_every_panel_answers(site, state):
    assert "sgd" in site.ask("step", {"state": state, "step": 3})[1]["text"]
    report = site.ask("report", {"state": state})[1]
    assert report["values"]["a"] == pytest.approx(1.2, abs=0.05)
    basins = site.ask("basins", {"state": {**state, "steps": 50}, "stage": 0})[1]
    assert basins["stages"] == 3 and basins["picture"]["data"][0]["type"] == "image"


@pytest.mark.parametrize(
    ("what", "begins"), [("run", b"\x89HDF"), ("picture", b"\x89PNG"), ("page", b"<!DOCTYPE html>")]
)
def test_downloads(site, state, what, begins):
    status, content, headers = site.send("POST", f"/download/{what}", json.dumps({"state": state}).encode(), HEADERS)
    assert status == 200 and content.startswith(begins)
    assert "attachment" in headers["Content-Disposition"]


def test_a_race_is_downloaded_as_a_zip(site, state):
    body = json.dumps({"state": {**state, "optimizers": ["sgd", "adam"]}}).encode()
    _, content, headers = site.send("POST", "/download/run", body, HEADERS)
    assert content.startswith(b"PK") and "runs.zip" in headers["Content-Disposition"]


def _command(*options):
    code = "from ravine.cli import main; main()"
    return [sys.executable, "-c", code, "serve", "--no-browser", *options]


def test_it_says_where_it_listens_and_stops_when_asked(until):
    with subprocess.Popen(
        _command("--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline().startswith("Listening on http://127.0.0.1:")
            process.send_signal(signal.SIGTERM)
            until(lambda: process.poll() is not None, what="the end of the server")
        finally:
            process.kill()
        assert process.returncode == 0
        assert process.stderr.read() == ""


def test_a_busy_port_is_named_and_another_offered(site):
    done = subprocess.run(_command("--port", str(site.port)), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"got {site.port}, where something else listens. Give --port " in done.stderr
    assert done.stderr.count("\n") == 1
