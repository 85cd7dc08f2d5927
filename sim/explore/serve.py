"""Serves the pages on this computer, until Ctrl-C."""

import errno
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from scenarios.errors import InputError, one_line
from scenarios.extras import needs
from scenarios.loading.load import load_scenario
from sim.explore.runs import ROOT, Runs
from sim.interrupts import Terminated
from sim.study.store.status import read_status
from sim.terminal import tell, write_line

if TYPE_CHECKING:
    from flask import Flask, Response

FIRST, TRIED = 8765, 50
"""The port that is taken if none is asked for, and how many after it are tried."""
THREADS = 8
HEAVY = ("facts", "shown", "compared", "patients")
"""Modules that take seconds to import, and that the first page does not need."""


def serve(
    given: Sequence[Path] = (),
    *,
    port: int | None = None,
    browser: bool = True,
    jobs: int | None = None,
    root: Path = ROOT,
) -> None:
    """Serve the pages, and print their address first.

    Parameters
    ----------
    given
        Results folders and TOML files to show.
    port
        Where to listen; by default the first free one from :data:`FIRST` on.
    browser
        Whether to open the page.
    jobs
        Workers of a run; as many as there are cores by default.
    root
        Folder of the runs.

    Raises
    ------
    InputError
        If the extra is not installed, the port is in use, or what is given cannot be read.
    """
    try:
        from waitress import create_server  # noqa: PLC0415 - of an extra

        from sim.explore.app import make_app  # noqa: PLC0415
        from sim.explore.guard import HERE, SECRET, new_secret  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name not in {"flask", "waitress", "werkzeug"}:
            raise
        raise needs("selfback explore", "explore") from None
    files, folders = split(given)
    listening = listen(HERE, port)
    number, secret = int(listening.getsockname()[1]), new_secret()
    runs = Runs(root, folders, jobs)
    app = make_app(runs, files, number, secret)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a page may wait for another
    server = create_server(app, sockets=[listening], threads=THREADS, ident=None)
    _prepare_after_first_page(app)
    address = f"http://{HERE}:{number}/?{SECRET}={secret}"
    write_line(address)
    tell(f"the page is at this address, for you alone; runs land in {root}; Ctrl-C ends it")
    if browser and _has_display():
        Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    try:
        server.run()
    except Terminated as stop:
        stop.add_note("runs keep what they have finished")
        raise
    finally:
        server.close()
        runs.stop(tell)


def split(given: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return which of what is given are files of scenarios, and which are results folders.

    Raises
    ------
    InputError
        If one is neither, or is broken.
    """
    files = [path for path in given if path.suffix == ".toml"]
    folders = [path for path in given if path.suffix != ".toml"]
    for file in files:
        load_scenario(file)
    for folder in folders:
        read_status(folder)
    return files, folders


def listen(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens.

    Parameters
    ----------
    host
        Address.
    port
        The only one that will do; None for the first free one from :data:`FIRST` on.

    Raises
    ------
    InputError
        If it is not available.
    """
    tried = range(FIRST, FIRST + TRIED) if port is None else [port]
    for number in tried:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((host, number))
            made.listen()
        except OSError as error:
            made.close()
            if port is not None:
                why = "is in use" if error.errno == errno.EADDRINUSE else one_line(
                    f"is not available: {error.strerror}")  # fmt: skip
                raise InputError(
                    f"--port {port} {why}: choose another, or leave --port out for a free one"
                ) from None
        else:
            return made
    raise InputError(f"ports {FIRST} to {FIRST + TRIED - 1} are in use: choose another with --port")


def _prepare_after_first_page(app: "Flask") -> None:
    """Import what other pages need when the first one has been sent, and not before."""
    begun = Event()

    @app.after_request
    def prepare(answer: "Response") -> "Response":
        if answer.status_code == HTTPStatus.OK and not begun.is_set():
            begun.set()
            answer.call_on_close(Thread(target=_import_the_rest, daemon=True).start)
        return answer


def _import_the_rest() -> None:
    with suppress(ImportError):  # told where it is needed
        for name in HEAVY:
            import_module(f"sim.explore.{name}")


def _has_display() -> bool:
    """Return whether a browser can open beside the terminal, and not in it."""
    names = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform == "darwin" or any(os.environ.get(name) for name in names)
