"""``selfback explore`` in a process of its own, and a browser that looks at it."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from kit.browser import WIDTHS

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300_000
"""Milliseconds after which a page has not come."""


class Server:
    """``selfback explore`` in a process of its own.

    Parameters
    ----------
    folder
        In which it is started.
    more
        Arguments.
    """

    def __init__(self, folder: Path, *more: str) -> None:
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sim", "explore", "--no-browser", *more],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self.process.stdout.readline().strip()
        visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        visitor.open(self.address, timeout=60).read()
        self.seconds = time.monotonic() - began
        self.host = self.address.partition("/?")[0]

    def end(self, how: int = signal.SIGTERM) -> None:
        """End it by a signal."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(120)


@dataclass
class Visit:
    """A browser that looks at a server.

    Attributes
    ----------
    context, host
        Where it looks.
    wrong
        What was complained of, and asked of other hosts.
    """

    context: BrowserContext
    host: str
    wrong: list[str] = field(default_factory=list)

    def tab(self, address: str) -> Page:
        """Open an address of the server in a tab."""
        made = self.context.new_page()
        made.on("console", lambda said: self._said(said.type, said.text))
        made.on("pageerror", lambda error: self.wrong.append(str(error)))
        made.on("request", lambda asked: self._asked(asked.url))
        made.goto(address if "://" in address else self.host + address)
        return made

    def _said(self, kind: str, text: str) -> None:
        if "400 (BAD REQUEST)" not in text:  # the page that says what is wrong
            self.wrong.append(f"{kind}: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.host}/", "data:")):
            self.wrong.append(f"asked for {url}")


@contextmanager
def visiting(
    browser: Browser, server: Server, size: tuple[int, int] = WIDTHS["desk"], theme: str = "light"
) -> Iterator[Visit]:
    """Give a browser that has been let in."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    context.set_default_timeout(LONGEST)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.host)
    made = Visit(context, server.host)
    made.tab(server.address).close()
    yield made
    context.close()


def settled(tab: Page) -> None:
    """Wait until the form has been checked."""
    tab.wait_for_selector("#scenario[data-checked]")


def fill(tab: Page, key: str, text: str) -> None:
    """Type into the field of a main parameter."""
    tab.locator(f'[name="key:{key}"]').fill(text)
    settled(tab)


def copied(tab: Page, what: str) -> str:
    """Return what a copy button gives."""
    tab.locator(f'button.copy[data-from="{what}"]').click()
    tab.wait_for_function("() => document.body.innerText.includes('Copied')")
    return tab.evaluate("() => navigator.clipboard.readText()")


def run(tab: Page, name: str, replicates: int) -> None:
    """Run what the form has."""
    tab.locator("#replicates").fill(str(replicates))
    tab.locator("#name").fill(name)
    settled(tab)
    tab.locator("#run").click()
    tab.wait_for_url(f"**/runs/{name}")
