"""One message and its answer over HTTP, limited in time and size."""

import json
import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as TimedOut

from recommender.adapters.watchdog import Watchdog
from recommender.own.own_thread import LateAnswerError
from recommender.protocol import RecommenderError
from scenarios.errors import one_line

BUSY = frozenset({429, 502, 503, 504})
"""HTTP statuses after which the message is sent again."""
PAUSE = 0.05
"""Seconds before the first retry; doubled for each further one."""
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


class NoConnectionError(RecommenderError):
    """The server could not be reached, or closed the connection."""


class RefusedError(RecommenderError):
    """The server answered with an HTTP status other than 200."""


class Exchange:
    """Posts JSON to a server and reads its answers.

    Redirects are not followed, and proxies of the environment are not used.

    Parameters
    ----------
    url
        Where the server is, ``http`` or ``https``; paths are added to it.
    timeout
        Seconds until the whole answer must have arrived, for each attempt.
    retries
        Further attempts if the connection fails, the answer is late or the server is busy.
    largest_body
        Maximum length of an answer in bytes.
    """

    def __init__(self, url: str, *, timeout: float, retries: int, largest_body: int) -> None:
        parts = urlsplit(url)
        self._path = parts.path.rstrip("/")
        self._timeout, self._retries, self._largest = timeout, retries, largest_body
        self._socket: socket.socket | None = None
        self._watchdog = Watchdog(timeout, self._hang_up)
        self._pool = urllib3.connection_from_url(url, maxsize=1, timeout=timeout, retries=False)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._pool.ConnectionCls = self._remember(kind)

    def post(self, path: str, body: bytes) -> bytes:
        """Return the body of the answer to a POST.

        Raises
        ------
        RecommenderError
            If the last retry fails, with its reason.
        """
        pause = PAUSE
        for _ in range(self._retries):
            with suppress(NoConnectionError, LateAnswerError, _BusyError):
                return self._ask(path, body)
            time.sleep(pause)
            pause *= 2.0
        return self._ask(path, body)

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()
        self._watchdog.close()

    def _ask(self, path: str, body: bytes) -> bytes:
        try:
            with self._watchdog.watching():
                answer = self._read(path, body)
        except (HTTPError, OSError) as error:
            timeout = isinstance(error, TimedOut) and not isinstance(error, NewConnectionError)
            if self._watchdog.bitten or timeout:
                raise LateAnswerError(f"no whole answer within {self._timeout:g} s") from None
            raise NoConnectionError(f"no connection: {_reason(error)}") from None
        if self._watchdog.bitten:  # the answer may have been cut off when the connection was closed
            raise LateAnswerError(f"no whole answer within {self._timeout:g} s")
        return answer

    def _read(self, path: str, body: bytes) -> bytes:
        answer = self._pool.urlopen(
            "POST", self._path + path, body=body, headers=_HEADERS, redirect=False,
            preload_content=False, decode_content=False,
        )  # fmt: skip
        whole = answer.read(self._largest + 1)
        if len(whole) > self._largest:
            answer.close()  # the rest is not read
            raise RecommenderError(f"the answer is longer than {self._largest} bytes")
        answer.release_conn()
        if answer.status != 200:
            kind = _BusyError if answer.status in BUSY else RefusedError
            raise kind(f"HTTP status {answer.status}{_detail(whole)}")
        return bytes(whole)

    def _hang_up(self) -> None:
        """End an exchange from another thread: its read returns immediately."""
        if self._socket is not None:
            with suppress(OSError):  # it may just have been closed
                self._socket.shutdown(socket.SHUT_RDWR)

    def _remember(self, kind: type[HTTPConnection]) -> type[HTTPConnection]:
        """Return a kind of connection whose socket is known to the watchdog."""
        exchange = self

        class Known(kind):  # type: ignore[misc, valid-type]  # one of two
            def connect(self) -> None:
                super().connect()
                exchange._socket = self.sock

        return Known


class _BusyError(RefusedError):
    """The server is busy; the message is to be sent again."""


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error
    text = one_line(str(cause)).partition("object at 0x")[2].partition(">: ")[2] or str(cause)
    return one_line(text)[:200]


def _detail(body: bytes) -> str:
    """Return the reason given in an answer of the reference server, if any."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    error = answer.get("error") if isinstance(answer, dict) else None
    return f": {one_line(error)[:300]}" if isinstance(error, str) else ""
