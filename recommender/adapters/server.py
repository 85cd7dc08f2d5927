"""The reference server: any built-in recommender, or one's own, behind HTTP."""

import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from threading import Lock
from typing import Any

from pydantic import ValidationError

from recommender.adapters import messages, wire
from recommender.catalogue import Catalogue
from recommender.protocol import Recommender
from scenarios.errors import InputError, one_line

SESSIONS = 1024
"""Trials held at once; when more are opened the least recently used one is dropped."""
LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of the longest message that is read."""
READ_TIMEOUT = 30.0
"""Seconds without data after which a connection is closed."""

Build = Callable[[messages.Opening], Recommender]


class UnanswerableError(Exception):
    """A message that cannot be answered, with its HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(one_line(reason)[:300])
        self.status = status


@dataclass(slots=True)
class _Session:
    recommender: Recommender
    lock: Lock = field(default_factory=Lock)
    number: int = 0
    answer: bytes = b""


class Service:
    """Answers messages, independently of the connection.

    Parameters
    ----------
    build
        Creates the recommender of a new trial.
    catalogue
        Items of which its plans are composed.
    """

    def __init__(self, build: Build, catalogue: Catalogue) -> None:
        self._build, self._catalogue = build, catalogue
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._lock = Lock()

    def answer(self, path: str, body: bytes) -> bytes:
        """Return the answer to a POST.

        Raises
        ------
        UnanswerableError
            If the message does not belong to this path, or its session is unknown.
        """
        if path not in messages.PATHS:
            allowed = ", ".join(messages.PATHS)
            raise UnanswerableError(404, f"unknown path {path}, must be one of {allowed}")
        try:
            message = messages.PATHS[path][0].model_validate_json(body)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = ".".join(str(step) for step in problem["loc"]) or "the body"
            raise UnanswerableError(400, f"{where}: {problem['msg']}") from None
        match message:
            case messages.Opening():
                return self._open(message)
            case messages.Closing():
                with self._lock:
                    closed = self._sessions.pop(message.session, None)
                _let_go(closed)
                return b"{}"
            case messages.Asking() | messages.Telling():
                return self._once(message)
        raise UnanswerableError(404, path)

    def _open(self, opening: messages.Opening) -> bytes:
        if (opening.exercises, opening.messages, opening.tools) != wire.codes(self._catalogue):
            raise UnanswerableError(409, "the catalogue of the trial is not the catalogue served")
        try:
            recommender = self._build(opening)
        except InputError as error:
            raise UnanswerableError(400, str(error)) from error
        name = token_hex(16)
        forgotten = None
        with self._lock:
            self._sessions[name] = _Session(recommender)
            if len(self._sessions) > SESSIONS:
                _, forgotten = self._sessions.popitem(last=False)
        _let_go(forgotten)
        return wire.encode({"session": name})

    def _once(self, message: messages.Asking | messages.Telling) -> bytes:
        """Answer a numbered message; a repeated message gets the same answer."""
        with self._lock:
            session = self._sessions.get(message.session)
            if session is None:
                raise UnanswerableError(
                    404, "the session is unknown: it was closed, or never opened"
                )
            self._sessions.move_to_end(message.session)
        with session.lock:
            if message.number < session.number:
                raise UnanswerableError(
                    409, f"number {message.number} cannot follow number {session.number}"
                )
            if message.number > session.number:  # gaps occur: fallback plans were used
                session.answer = self._do(session.recommender, message)
                session.number = message.number
            return session.answer

    def _do(self, recommender: Recommender, message: messages.Asking | messages.Telling) -> bytes:
        if isinstance(message, messages.Telling):
            recommender.learn(wire.experience_of(message.experience))
            return b"{}"
        plans = recommender.recommend(wire.requests_of(message.requests))
        return wire.encode({"plans": wire.plan_rows(plans, self._catalogue)})


def _let_go(session: _Session | None) -> None:
    close = getattr(session.recommender, "close", None) if session is not None else None
    if callable(close):
        close()


class RecommenderServer(ThreadingHTTPServer):
    """Serves a recommender at ``server_address``.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free port.
    service
        Answers the messages.
    """

    daemon_threads = True
    request_queue_size = 128
    timeout = 0.1

    def __init__(self, host: str, port: int, service: Service) -> None:
        self.service = service
        self.last_asked = time.monotonic()
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Address of the server."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors of clients that disconnected."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def serve_until_idle(self, seconds: float) -> None:
        """Serve until no message has arrived for this many seconds."""
        while time.monotonic() - self.last_asked < seconds:
            self.handle_request()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections
    wbufsize = -1  # an answer leaves in one piece
    disable_nagle_algorithm = True
    timeout = READ_TIMEOUT
    server: RecommenderServer
    server_version = "selfback"

    def do_POST(self) -> None:
        """Answer a message."""
        self.server.last_asked = time.monotonic()
        try:
            status, answer = 200, self.server.service.answer(self.path, self._body())
        except UnanswerableError as error:
            status, answer = error.status, wire.encode({"error": str(error)})
        except Exception as error:  # noqa: BLE001 - the server continues; the client gets the reason
            reason = one_line(f"{type(error).__name__}: {error}")[:300]
            status, answer = 500, wire.encode({"error": reason})
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.server.last_asked = time.monotonic()

    def _body(self) -> bytes:
        given = self.headers.get("Content-Length", "")
        length = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else -1
        if not 0 <= length <= LARGEST_BODY:
            self.close_connection = True  # the body is left unread
            raise UnanswerableError(413, f"Content-Length must be a number, at most {LARGEST_BODY}")
        return self.rfile.read(length)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the library
        """Log nothing for single requests."""
