"""Server: the page and its answers as a WSGI application."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import flask

from ravine.app import downloads, explanations, gallery, layout, replies, wording
from ravine.app.descents import Abandoned, see
from ravine.app.gate import Gate
from ravine.app.jobs import Busy, Lane
from ravine.errors import FormulaError, RavineError

_LOG = logging.getLogger("ravine.app")

QUICK_SECONDS, SLOW_SECONDS = 20.0, 60.0
_WAITING = 64
_WARMING_SECONDS = 120.0
_LIGHT = ("/ask/formula", "/ask/open", "/ask/upload")  # need no TensorFlow


class Playground:
    """The application with its lanes.

    Parameters
    ----------
    host
        The address that is listened on.
    workers
        How many descents run at once; of fits and maps half as many.
    """

    def __init__(self, host: str = "127.0.0.1", workers: int = 4) -> None:
        self.lanes = {
            "quick": Lane("quick", workers, _WAITING, QUICK_SECONDS),
            "slow": Lane("slow", max(1, workers // 2), _WAITING // 4, SLOW_SECONDS),
        }
        self._is_warm = threading.Event()
        self.flask = _flask(self)
        self.application = Gate(self.flask.wsgi_app, host)

    def warm(self) -> None:
        """Load TensorFlow and compile the first example, so that nobody's time is spent on that."""
        with contextlib.suppress(Exception):
            see(gallery.open_example("two-layer"))
        self._is_warm.set()

    def close(self) -> None:
        """Stop what runs."""
        for lane in self.lanes.values():
            lane.close()

    def ask(self, name: str) -> flask.Response:
        """Answer one question of the page."""
        found = replies.REPLIES.get(name) or explanations.REPLIES.get(name)
        if found is None:
            return _json({"error": "There is nothing here."}, HTTPStatus.NOT_FOUND)
        lane, reply = found
        return self._guarded(lane, lambda asked, check: _json(reply(asked, check)))

    def download(self, what: str) -> flask.Response:
        """Answer with a file."""

        def made(asked: Mapping[str, Any], check: Any) -> flask.Response:
            name, kind, content = downloads.file_of(what, asked, check)
            found = flask.Response(content, mimetype=kind)
            found.headers["Content-Disposition"] = f'attachment; filename="{name}"'
            return found

        return self._guarded("slow", made)

    def _guarded(self, lane: str, reply: Callable[[Mapping[str, Any], Any], flask.Response]) -> flask.Response:
        """Return the reply to what the request holds; whatever is wrong becomes one sentence."""
        is_gone = flask.request.environ.get("waitress.client_disconnected", lambda: False)
        try:
            asked = flask.request.get_json()
        except Exception:  # of any kind: no JSON, too deep, half of it
            return _json({"error": "The request is no JSON."}, HTTPStatus.BAD_REQUEST)
        if not isinstance(asked, Mapping):
            return _json({"error": "The request is no JSON object."}, HTTPStatus.BAD_REQUEST)
        if flask.request.path not in _LIGHT:
            self._is_warm.wait(_WARMING_SECONDS)
        try:
            return self.lanes[lane].run(lambda check: reply(asked, check), is_gone)
        except Busy as busy:
            return _json({"error": str(busy)}, HTTPStatus.SERVICE_UNAVAILABLE)
        except FormulaError as error:  # what people mistype is no failure of the request: browsers would report it
            return _json({"error": str(error), **replies.place_of(error)})
        except RavineError as error:
            return _json({"error": str(error)})
        except Abandoned:
            return _json({"error": "Nobody waits for this any more."}, HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as error:
            _LOG.error("%s while answering %s", type(error).__name__, flask.request.path)
            return _json({"error": "The server met an error of its own."}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _flask(playground: Playground) -> flask.Flask:
    page = layout.page()
    server = page.server
    server.config["PROPAGATE_EXCEPTIONS"] = False
    server.add_url_rule("/health", "health", lambda: _json({"status": "ok"}))
    server.add_url_rule("/plotly.min.js", "plotly", _plotly)
    server.add_url_rule("/texts/<language>", "texts", lambda language: _json(_texts(language)))
    server.add_url_rule("/ask/<name>", "ask", playground.ask, methods=["POST"])
    server.add_url_rule("/download/<what>", "download", playground.download, methods=["POST"])
    server.register_error_handler(Exception, _failed)
    server.logger.setLevel(logging.CRITICAL)
    return server


def _texts(language: str) -> dict[str, Any]:
    """Return the texts of the page, with the choice of examples in that language."""
    said = wording.texts(language)
    groups: dict[str, list[dict[str, str]]] = {"lesson": [], "function": []}
    for name, example in gallery.EXAMPLES.items():
        groups[example.kind].append({"value": name, "label": example.zh if language == "zh" else example.en})
    groups["ready"] = [{"value": f"model:{name}", "label": name.replace("_", " ")} for name in gallery.ready_names()]
    return {**said, "examples": [{"group": said[kind], "items": items} for kind, items in groups.items()]}


def _failed(error: Exception) -> flask.Response:
    """Say what went wrong without a trace of where."""
    code = getattr(error, "code", None)
    code = code if isinstance(code, int) and 400 <= code < 600 else HTTPStatus.BAD_REQUEST
    sentences = {404: "There is nothing here.", 405: "This can't be asked so."}
    return _json({"error": sentences.get(code, "The request can't be answered.")}, HTTPStatus(code))


@functools.cache
def _script() -> bytes:
    from plotly.offline import get_plotlyjs

    return get_plotlyjs().encode()


def _plotly() -> flask.Response:
    found = flask.Response(_script(), mimetype="text/javascript")
    found.headers["Cache-Control"] = "public, max-age=86400"
    return found


def _json(content: Mapping[str, Any], status: int = HTTPStatus.OK) -> flask.Response:
    text = json.dumps(content, allow_nan=False, separators=(",", ":"), default=str)
    found = flask.Response(text, int(status), mimetype="application/json")
    found.headers["Cache-Control"] = "no-store"
    return found
