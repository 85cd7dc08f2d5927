"""What checks that open pages in a headless Chromium have in common."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
PHONE = {"width": 390, "height": 844}
IS_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"
THEMES = ("light", "dark")
SERIOUS = {"serious", "critical"}
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def is_wider(tab: Page) -> list[str]:
    """Return whether the page itself, not a table within it, scrolls sideways."""
    over = tab.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    return [f"{over} pixels wider than the window"] if over > 0 else []


def serious_faults(tab: Page) -> list[str]:
    """Return what axe-core finds, of what is serious."""
    if tab.viewport_size == PHONE and tab.evaluate(IS_DARK):
        return []  # colours are those of the desk, and what is where those of the light theme
    found = Axe().run(tab).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}"
        for each in found
        if each["impact"] in SERIOUS
    ]
