import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from recommender.adapters.exchange import Exchange, NoConnectionError, RefusedError
from recommender.own.own_thread import LateAnswerError
from recommender.protocol import RecommenderError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def read_question(connection: socket.socket) -> bytes:
    """Return a whole request, or b'' when nobody asks any more."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        more = connection.recv(65536)
        if not more:
            return b""
        seen += more
    head, _, body = seen.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(*answers: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Serve a raw answer to each question in turn, the last one for ever."""
    questions: list[bytes] = []
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                while question := read_question(connection):
                    questions.append(question)
                    answers[min(len(questions), len(answers)) - 1](connection)

        def accept() -> None:
            while not stopped.is_set():
                with suppress(TimeoutError):
                    connection, _ = listener.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", questions
        finally:
            stopped.set()
            thread.join()


def send(*parts: bytes, every: float = 0.0) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(every)

    return answer


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def endless(head: bytes, part: bytes, every: float = 0.0) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)
            time.sleep(every)

    return answer


@contextmanager
def exchanging(url: str, **settings) -> Iterator[Exchange]:
    exchange = Exchange(url, **{"timeout": 5.0, "retries": 0, "largest_body": 10_000, **settings})
    try:
        yield exchange
    finally:
        exchange.close()


def test_messages_use_one_connection_and_the_path_of_the_address():
    with serving(send(OK)) as (url, questions), exchanging(f"{url}/mine/") as exchange:
        assert [exchange.post("/open", b'{"a":1}') for _ in range(3)] == [b"{}"] * 3
    assert len(questions) == 3
    assert all(question.startswith(b"POST /mine/open HTTP/1.1") for question in questions)
    assert all(question.endswith(b'{"a":1}') for question in questions)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000), "longer than 10000 bytes"),
        (
            send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b"x" * 20_000),
            "longer than 10000 bytes",
        ),
        (hang_up, "no connection: "),
        (send(b"nonsense\r\n\r\n"), "no connection: "),
        (send(b"HTTP/1.1 302 Found\r\nLocation: /open\r\nContent-Length: 0\r\n\r\n"), "status 302"),
        (
            send(b'HTTP/1.1 500 Oh\r\nContent-Length: 17\r\n\r\n{"error":"no\\n!"}'),
            "HTTP status 500: no !",
        ),
        (send(b"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\n<!p>"), "HTTP status 404"),
    ],
    ids=["endless", "long", "hangs up", "nonsense", "redirect", "failure", "not found"],
)
def test_an_unusable_answer_is_reported(answer, reason):
    with (
        serving(answer) as (url, _),
        exchanging(url) as exchange,
        pytest.raises(RecommenderError, match=reason) as caught,
    ):
        exchange.post("/open", b"{}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        send(every=60.0),
        endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x", every=0.02),
        endless(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x", every=0.02),
        endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", every=0.02),
    ],
    ids=["silent", "slow body", "slow body of known length", "slow header"],
)
def test_the_deadline_is_for_the_whole_answer(answer):
    with (
        serving(answer) as (url, _),
        exchanging(url, timeout=0.2) as exchange,
        pytest.raises(LateAnswerError, match=r"within 0\.2 s"),
    ):
        exchange.post("/open", b"{}")


def test_a_server_that_is_not_there_is_reported():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        exchanging(f"http://127.0.0.1:{port}", retries=1) as exchange,
        pytest.raises(NoConnectionError, match="refused"),
    ):
        exchange.post("/open", b"{}")


BUSY = send(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
FAILED = send(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("trouble", [hang_up, BUSY, send(every=60.0)], ids=["gone", "busy", "late"])
def test_a_message_is_sent_again_after_trouble(trouble):
    with (
        serving(trouble, trouble, send(OK)) as (url, questions),
        exchanging(url, retries=2, timeout=0.3) as exchange,
    ):
        assert exchange.post("/open", b'{"number":7}') == b"{}"
    assert len(questions) == 3
    assert len(set(questions)) == 1


def test_a_refused_message_is_not_sent_again():
    with (
        serving(FAILED, send(OK)) as (url, questions),
        exchanging(url, retries=2) as exchange,
        pytest.raises(RefusedError),
    ):
        exchange.post("/open", b"{}")
    assert len(questions) == 1


def test_the_number_of_retries_is_limited():
    with (
        serving(BUSY) as (url, questions),
        exchanging(url, retries=2) as exchange,
        pytest.raises(RefusedError, match="503"),
    ):
        exchange.post("/open", b"{}")
    assert len(questions) == 3


def test_an_exchange_continues_after_a_late_answer():
    with (
        serving(send(every=60.0), send(OK)) as (url, _),
        exchanging(url, timeout=0.2) as exchange,
    ):
        with pytest.raises(LateAnswerError):
            exchange.post("/open", b"{}")
        assert exchange.post("/open", b"{}") == b"{}"
