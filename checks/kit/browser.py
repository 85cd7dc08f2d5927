"""A headless Chromium, and what is wrong with a page whatever it is."""

import shutil

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

from kit.told import Told

WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
SERIOUS = {"serious", "critical"}
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def launched(playwright: Playwright, told: Told) -> Browser | None:
    """Return Debian's Chromium; None if it is not installed, which is told as a failed case."""
    chromium = shutil.which("chromium")
    if chromium is None:
        told.case("chromium is there", 0, 1, "apt-get install chromium")
        return None
    return playwright.chromium.launch(executable_path=chromium, args=OPTIONS)


def is_wider(tab: Page) -> list[str]:
    """Return whether the page itself, not a table within it, scrolls sideways."""
    over = tab.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    return [f"{over} pixels wider than the window"] if over > 0 else []


def serious_faults(tab: Page) -> list[str]:
    """Return what axe-core finds, of what is serious."""
    found = Axe().run(tab).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}"
        for each in found
        if each["impact"] in SERIOUS
    ]
