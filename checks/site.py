"""Builds the documentation site and opens it in a headless Chromium, as a reader would.

``python checks/site.py``: the site is built with warnings as errors and read over HTTP on this
machine. No page may ask another host for anything or complain on the console; the search finds a
key of a scenario, a command and a function; both themes and a phone's width render without a
sideways scroll of the page; axe-core finds no serious fault on a page of each kind. ``--built
FOLDER`` takes a site that is built, ``--screenshots FOLDER`` keeps pictures, to be looked at.

Chromium is Debian's: ``apt-get install chromium``.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from kit.browser import THEMES, WIDTHS, is_wider, launched, serious_faults
from kit.scratch import scratch
from kit.told import Told
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
FOUND = {
    "app.quit_hazard": "reference/keys/app.html#app.quit_hazard",
    "quit_hazard": "reference/keys/app.html#app.quit_hazard",
    "selfback power": "reference/commands.html#selfback-power",
    "app_weeks": "reference/tables.html#table-app_weeks",
    "sample_size": "reference/python.html#selfback.sample_size",
}
"""What is searched for, and the page and place that must be among what is found."""
SHOWN = (
    "index", "guides/index", "guides/arms", "guides/designs", "background/calibration",
    "background/performance", "reference/keys/index", "reference/keys/app", "reference/tables",
    "reference/commands", "reference/python", "reference/analyses", "search",
)  # fmt: skip
"""A page of each kind, which is looked at in every way; the others are opened once."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the files of a folder, and says nothing."""

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """A server that says nothing of a browser that has left a page before all of it had come."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, but for that."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Give the address of a folder's files, as long as it is needed."""
    server = Site(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def build(folder: Path) -> list[str]:
    """Build the site; return what went wrong with it."""
    command = [
        sys.executable, "-m", "sphinx", "build", "-M", "html", ROOT / "docs", folder,
        "--fail-on-warning", "--nitpicky", "--keep-going", "--quiet",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else (done.stderr or done.stdout).splitlines()[-20:]


@contextmanager
def opened(
    browser: Browser, address: str, size: tuple[int, int], theme: str
) -> Iterator[tuple[Page, list[str]]]:
    """Give a page that is open, and what went wrong with it so far."""
    wrong: list[str] = []
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
    )
    tab = context.new_page()
    tab.on(
        "console",
        lambda said: None if said.type == "log" else wrong.append(f"{said.type}: {said.text}"),
    )
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    home = address.split("/", 3)[2]

    def ours(url: str) -> bool:
        return url.startswith(("data:", "blob:", f"http://{home}/"))

    tab.on("request", lambda asked: None if ours(asked.url) else wrong.append(f"asked {asked.url}"))
    tab.goto(address)
    yield tab, wrong
    context.close()


def searches(browser: Browser, home: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what is searched for, and what is wrong with what is found."""
    for words, place in FOUND.items():
        with opened(browser, home, WIDTHS["desk"], "light") as (tab, wrong):
            field = tab.locator("input.sidebar-search:visible").first
            field.fill(words)
            field.press("Enter")
            tab.wait_for_selector("#search-results p.search-summary")
            tab.wait_for_function("() => !document.querySelector('#search-progress')?.innerText")
            links = tab.locator("#search-results ul.search li > a")
            found = [link.get_attribute("href") or "" for link in links.all()]
            there = [link.replace("?highlight=", "#") for link in found]
            if not any(link.endswith(place) for link in there):
                wrong.append(f"{len(found)} results, not {place}: {', '.join(found[:5])}")
        yield words, wrong


def changes_theme(tab: Page) -> list[str]:
    """Return what is wrong with the button of the theme: from automatic over both it goes."""
    colour = "() => getComputedStyle(document.body).backgroundColor"
    seen = set()
    for _ in range(3):
        seen.add(tab.evaluate(colour))
        tab.locator(".theme-toggle:visible").first.click()
    return [] if len(seen) == 2 else [f"the theme has {len(seen)} backgrounds"]


def main() -> int:
    """Run the check; return 1 if it fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--built", type=Path, help="folder of a site that is built")
    parser.add_argument("--screenshots", type=Path, help="folder to keep pictures in")
    given = parser.parse_args()
    told = Told()
    if given.screenshots:
        given.screenshots.mkdir(parents=True, exist_ok=True)
    with scratch() as folder, sync_playwright() as playwright:
        browser = launched(playwright, told)
        if browser is None:
            return told.code
        if not given.built:
            wrong = build(folder)
            told.case("the site is built without a warning", int(not wrong), 1, bad=wrong)
        site = given.built or folder / "html"
        with served(site) as home:
            look(told, browser, site, home, given.screenshots)
        browser.close()
    return told.code


def look(told: Told, browser: Browser, site: Path, home: str, screenshots: Path | None) -> None:
    """Search, open every page, and look at one of each kind in every way."""
    for words, wrong in searches(browser, home):
        told.case(f"search for {words}", int(not wrong), 1, bad=wrong)
    pages = sorted(str(page.relative_to(site)) for page in site.glob("**/*.html"))
    pages = [page for page in pages if not page.startswith("_")]
    bad = []
    for page in pages:
        with opened(browser, home + page, WIDTHS["phone"], "light") as (tab, wrong):
            bad += [f"{page}: {line}" for line in (*wrong, *is_wider(tab))]
    told.case("every page opens", len(pages) - len(bad), len(pages), bad=bad)
    for page in SHOWN:
        bad = []
        for (size_name, size), theme in ((s, t) for s in WIDTHS.items() for t in THEMES):
            with opened(browser, f"{home}{page}.html", size, theme) as (tab, wrong):
                if screenshots:
                    name = f"{page.replace('/', '_')}_{size_name}_{theme}.png"
                    tab.screenshot(path=screenshots / name)
                found = [*is_wider(tab), *serious_faults(tab), *changes_theme(tab)]
                bad += [f"{size_name}, {theme}: {line}" for line in (*wrong, *found)]
        told.case(page, int(not bad), 1, bad=bad)


if __name__ == "__main__":
    sys.exit(main())
