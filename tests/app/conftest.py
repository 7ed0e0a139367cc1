"""A playground on a free port of this machine."""

import http.client
import json
import threading
from dataclasses import dataclass

import pytest
import waitress

from ravine.app.server import Playground
from ravine.listening import listen


@dataclass
class Site:
    """A running playground, and how to ask it."""

    port: int
    patience: float

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/"

    def send(self, method, path, body=None, headers=None):
        """Return status and content of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read(), dict(response.getheaders())
        finally:
            connection.close()

    def ask(self, name, content):
        """Return what a question is answered with."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        status, found, _ = self.send("POST", f"/ask/{name}", body, {"Content-Type": "application/json"})
        return status, json.loads(found)


@pytest.fixture(scope="session")
def site(until):
    found = listen("127.0.0.1", 0, "serve")
    playground = Playground("127.0.0.1", 2)
    for lane in playground.lanes.values():
        lane.seconds = until.patience  # people are told after seconds that it takes long; a busy machine isn't at fault
    server = waitress.create_server(
        playground.application, sockets=[found], threads=16, channel_request_lookahead=1, ident=None
    )
    playground.warm()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Site(found.getsockname()[1], until.patience)
    playground.close()
    server.close()


@pytest.fixture(scope="session")
def state(site):
    """Return the first example, as the page holds it."""
    return site.ask("open", {"example": "two-layer"})[1]["state"]
