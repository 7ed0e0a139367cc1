"""Gate: what every request passes, whoever answers it: host, size, method, and headers that keep the page alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from ravine.app import quotas

_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_LONGEST_PATH = 2_000
_METHODS = ("GET", "HEAD", "POST")

Environ = dict[str, Any]
Begin = Callable[..., Any]


class Gate:
    """Lets through what a page of ours would send.

    Names other than those of this machine are refused: a foreign page could otherwise let its own name point here and
    read what we answer (DNS rebinding).

    Parameters
    ----------
    application
        Who answers.
    host
        The address that is listened on.
    """

    def __init__(self, application: Callable[[Environ, Begin], Iterable[bytes]], host: str) -> None:
        self._application = application
        self._names = names_of(host)

    def __call__(self, environ: Environ, begin: Begin) -> Iterable[bytes]:
        """Answer a request, or refuse it."""
        refused = self._refused(environ)
        if refused is not None:
            return _say(begin, *refused)
        begun: list[bool] = []

        def begin_guarded(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            begun.append(True)
            kept = [(name, value) for name, value in headers if name.lower() not in ("server", "x-powered-by")]
            return begin(status, [*kept, *_HEADERS], *more)

        try:
            return self._application(environ, begin_guarded)
        except Exception:
            if begun:
                raise
            return _say(begin, HTTPStatus.INTERNAL_SERVER_ERROR, "The server met an error of its own.")

    def _refused(self, environ: Environ) -> tuple[HTTPStatus, str] | None:
        if host_of(environ.get("HTTP_HOST", "")) not in self._names:
            return HTTPStatus.MISDIRECTED_REQUEST, "This server answers to its own address only."
        method, path = environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", "")
        if method not in _METHODS:
            return HTTPStatus.METHOD_NOT_ALLOWED, "This server knows GET and POST only."
        if len(path) + len(environ.get("QUERY_STRING", "")) > _LONGEST_PATH:
            return HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long."
        if ".." in path or "\\" in path or not path.isprintable():
            return HTTPStatus.NOT_FOUND, "There is nothing here."
        return _refused_body(environ) if method == "POST" else None


def names_of(host: str) -> tuple[str, ...]:
    """Return the host names that a request may carry.

    Examples
    --------
    >>> names_of("127.0.0.1")
    ('127.0.0.1', 'localhost', '[::1]')
    """
    import socket

    if host in ("127.0.0.1", "localhost", "::1"):
        return _LOOPBACK
    if host not in ("0.0.0.0", "::"):
        return (*_LOOPBACK, f"[{host}]" if ":" in host else host.lower())
    own = socket.gethostname().lower()
    return (*_LOOPBACK, own, socket.getfqdn().lower(), *_addresses(own))


def host_of(given: str) -> str:
    """Return the name in a Host header, without the port.

    Examples
    --------
    >>> host_of("LocalHost:8050"), host_of("[::1]:8050"), host_of("evil.example@127.0.0.1")
    ('localhost', '[::1]', '')
    """
    name, bracket, port = given.lower().strip().rpartition("]") if "]" in given else ("", "", given.lower().strip())
    if bracket:
        return f"{name}]" if not port or (port[0] == ":" and port[1:].isdigit()) else ""
    name, colon, number = port.partition(":")
    fine = name.replace("-", "").replace(".", "").replace("_", "").isalnum() and (not colon or number.isdigit())
    return name if fine else ""


def _addresses(name: str) -> tuple[str, ...]:
    import socket

    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        return ()
    return tuple({f"[{row[4][0]}]" if ":" in str(row[4][0]) else str(row[4][0]) for row in found})


def _refused_body(environ: Environ) -> tuple[HTTPStatus, str] | None:
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        return HTTPStatus.LENGTH_REQUIRED, "The request doesn't say how long it is."
    if int(length) > quotas.REQUEST_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request may have {quotas.REQUEST_BYTES / 1e6:g} MB at most."
    if environ.get("CONTENT_TYPE", "").split(";")[0].strip() != "application/json":
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This server reads JSON only."
    origin = environ.get("HTTP_ORIGIN")
    if origin and urlsplit(origin).netloc.lower() != environ["HTTP_HOST"].lower():
        return HTTPStatus.FORBIDDEN, "Only the page itself may ask."
    return None


def _say(begin: Begin, status: HTTPStatus, sentence: str) -> Sequence[bytes]:
    body = json.dumps({"error": sentence}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    begin(f"{status.value} {status.phrase}", [*headers, *_HEADERS])
    return [body]
