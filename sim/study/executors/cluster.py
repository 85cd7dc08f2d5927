"""The connection to a Dask cluster: ours or another, looked at, and closed in time."""

import json
import logging
import os
import sys
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from scenarios.errors import InputError, one_line
from scenarios.extras import PACKAGE, needs
from scenarios.files import content_of
from scenarios.plugins import describe
from sim.study.executors.starting import ENVIRONMENT, starting_workers
from sim.study.failed import MachineError, machine_failure

CLOSING = 5.0
"""Seconds that a cluster has to take its leave."""
ANSWER = 30.0
"""Seconds to wait until all workers have said which version they have."""
HERE = "127.0.0.1"
OURS = "Dask on this machine"
STUCK = 60
"""Seconds without a sign of life after which a worker of our own cluster counts as stuck."""
_LOGGERS = ("tornado", "asyncio", "bokeh")
_QUIET = logging.CRITICAL + 1


@dataclass(slots=True)
class Session:
    """A connected client, and the cluster if it is our own.

    Attributes
    ----------
    client
        Of ``distributed``.
    place
        What messages call the cluster.
    dashboard
        Address of its pages, '' if it has none.
    cluster
        The one on this machine; None if another one is used.
    speak_again
        Called at the end, to let the loggers of Dask speak again.
    """

    client: Any
    place: str
    dashboard: str
    cluster: Any = None
    speak_again: Callable[[], object] = bool

    def threads(self, timeout: float) -> dict[str, int]:
        """Return how many threads each worker has, by its address.

        Raises
        ------
        MachineError
            If the scheduler is lost, or does not answer within ``timeout`` seconds.
        """
        if self.client.status != "running":
            raise self.lost("its connection was closed")
        with self.answering(timeout):
            found = self.client.sync(self.client.scheduler.ncores, callback_timeout=timeout)
        return dict(found)

    @contextmanager
    def answering(self, timeout: float) -> Iterator[None]:
        """Turn what happens without an answer into one line."""
        try:
            yield
        except TimeoutError as error:
            raise self.lost(f"no answer for {timeout:g} s") from error
        except (Exception, CancelledError) as error:
            gone = isinstance(error, (OSError, CancelledError))
            if not gone and self.client.status == "running":
                raise
            raise self.lost(one_line(f"{type(error).__name__}: {error}")[:200]) from error

    def lost(self, reason: str) -> MachineError:
        """Return the error that says so; Dask, which goes on trying, is not heard any more."""
        self.speak_again = bool
        return MachineError(f"{self.place} was lost: {reason}")

    def check_package(self) -> None:
        """Refuse workers that do not have our package in our version.

        Raises
        ------
        InputError
            If there is one; it names the worker.
        """
        ours = version(PACKAGE)
        ask = self.client._run  # noqa: SLF001 - its public form waits for a silent worker for ever
        try:
            found = self.client.sync(
                ask, version, PACKAGE, on_error="return", callback_timeout=ANSWER
            )
        except TimeoutError:  # its tasks will be lost, and done by another
            return
        for worker, theirs in found.items():
            if theirs != ours and not isinstance(theirs, OSError):  # that one has just been lost
                raise InputError(
                    f"{self.place}: worker {worker} does not have {PACKAGE} {ours}: "
                    f"{one_line(str(theirs))[:200]}"
                )

    def close(self) -> None:
        """Leave, or end the cluster on this machine; no longer than a moment."""
        with suppress(Exception):  # it is lost, or not: nothing there is of use any more
            self.client.close(timeout=CLOSING)
        if self.cluster is not None:
            with suppress(Exception):
                self.cluster.close(timeout=CLOSING)
        self.speak_again()


def connect(jobs: int, scheduler: str | None, timeout: float, patience: float) -> Session:
    """Return a connection to a running cluster, or to a new one on this machine.

    Parameters
    ----------
    jobs
        Number of workers of a new one, one thread each.
    scheduler
        Address or file of a running scheduler.
    timeout
        Seconds to wait for it.
    patience
        Seconds to wait for its first worker.

    Raises
    ------
    InputError
        If Dask is not installed, the scheduler is not reached, it has no workers, or one of them
        does not have our package.
    """
    try:
        distributed: Any = import_module("distributed")
        import_module("cryptography")
    except ImportError as error:
        raise needs("--executor dask", "dask") from error
    logs = _silence()
    try:
        if scheduler is None:
            session = _local(distributed, jobs, timeout)
        else:
            session = _running(distributed, scheduler, timeout)
    except BaseException:
        logs()
        raise
    session.speak_again = logs
    try:
        if not session.threads(timeout):
            told = f"{session.place} has no workers yet: waiting {patience:g} s"
            sys.stderr.write(f"selfback: {told}\n")
            session.client.wait_for_workers(1, timeout=patience)
        session.check_package()
    except TimeoutError as error:
        session.close()
        raise InputError(f"{session.place} has no workers after {patience:g} s") from error
    except BaseException:
        session.close()
        raise
    link = session.dashboard
    if link:
        sys.stderr.write(f"selfback: Dask dashboard: {link}\n")
    return session


def _silence() -> Callable[[], None]:
    """Silence the loggers of Dask; return what lets them speak again.

    They tell in pages what we tell in one line, and complain when a study is broken off.
    """
    silenced: list[logging.Handler | logging.Logger] = [
        *logging.getLogger("distributed").handlers,
        *map(logging.getLogger, _LOGGERS),
    ]
    kept = [(one, one.level) for one in silenced]
    for one, _level in kept:
        one.setLevel(_QUIET)

    def restore() -> None:
        for one, level in kept:
            one.setLevel(level)

    return restore


def _local(distributed: Any, jobs: int, timeout: float) -> Session:
    """Start a cluster that other users of this machine can neither use nor watch.

    Who connects needs a certificate that is made anew in memory; the pages of the dashboard are
    under a name that cannot be guessed.
    """
    dask: Any = import_module("dask")
    secret = token_urlsafe(24)
    before = dict(os.environ)
    settings = {
        "distributed.nanny.pre-spawn-environ": ENVIRONMENT,
        "distributed.worker.http.routes": [],  # workers have no pages
    }
    try:
        with starting_workers(), dask.config.set(settings):
            cluster = distributed.LocalCluster(
                n_workers=jobs,
                threads_per_worker=1,
                host=HERE,
                security=True,
                dashboard_address=f"{HERE}:0",
                scheduler_kwargs={"http_prefix": f"/{secret}", "worker_ttl": STUCK},
                silence_logs=logging.CRITICAL,
            )
    except (OSError, RuntimeError) as error:
        reason = machine_failure(error) or describe(error)
        raise MachineError(f"{OURS} cannot be started: {reason}") from error
    finally:
        for name in ENVIRONMENT.keys() - before.keys():
            os.environ.pop(name, None)  # a nanny leaves there what it gives to its workers
    _only_below(cluster.scheduler, secret)
    port = cluster.scheduler_info["services"].get("dashboard")
    link = f"http://{HERE}:{port}/{secret}/status"
    try:
        client = distributed.Client(cluster, timeout=timeout, set_as_default=False)
    except BaseException as error:
        cluster.close(timeout=CLOSING)
        if isinstance(error, OSError):  # as a TimeoutError is
            raise MachineError(f"{OURS} does not answer: {describe(error)}") from error
        raise
    return Session(client, OURS, link, cluster)


def _only_below(scheduler: Any, secret: str) -> None:
    """Let a scheduler serve no page outside a folder: its first page would lead there."""
    routing: Any = import_module("tornado.routing")
    server = scheduler.http_server
    below = routing.PathMatches(f"/{secret}/.*")
    server.request_callback = routing.RuleRouter([routing.Rule(below, server.request_callback)])


def _running(distributed: Any, scheduler: str, timeout: float) -> Session:
    """Connect to a cluster that runs somewhere; certificates come from Dask's configuration."""
    place = f"--scheduler {scheduler}"
    address = scheduler
    if scheduler and "://" not in scheduler and Path(scheduler).exists():
        address = _address(place, Path(scheduler))
    try:
        client = distributed.Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        reason = one_line(str(error))[:200]
        raise InputError(f"{place} is not reached within {timeout:g} s: {reason}") from error
    try:
        shown = "dashboard" in client.scheduler_info().get("services", {})
        link = client.dashboard_link if shown else ""
    except (KeyError, OSError):
        link = ""
    return Session(client, place, link or "")


def _address(place: str, file: Path) -> str:
    """Return the address in the file of a scheduler."""
    try:
        address = json.loads(content_of(file))["address"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{place} is not a file that a scheduler wrote (dask scheduler --scheduler-file): "
            f"{describe(error)}"
        ) from error
    return str(address)
