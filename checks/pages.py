"""Opens reports in a headless Chromium, as a reader would, and looks for what is wrong with them.

``python checks/pages.py``: a report of each kind of folder is opened from disk. Nothing may be
asked of a network and nothing complained of on the console; tables sort and filter, by mouse and by
keyboard; both themes and a phone's width render without a sideways scroll of the page; axe-core
finds no serious fault. ``--screenshots FOLDER`` keeps pictures of them, to be looked at.

Chromium is Debian's: ``apt-get install chromium``.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.browser import THEMES, WIDTHS, is_wider, launched, serious_faults
from kit.scratch import scratch
from kit.told import Told
from playwright.sync_api import Browser, Page, sync_playwright

import selfback as sb

PHONE = {"width": 390, "height": 844}
UNFOLDED = ("knee", "gate")
"""Reports that are searched for faults with what is folded open: thousands of cells are alike."""
IS_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"
QUIET = {"jobs": 2, "progress": False}


def make_reports(folder: Path) -> dict[str, Path]:
    """Simulate a little of everything, and return the pages by their kinds."""
    small = sb.scenario("selfback_2021", {"trial.sample_size": 80})
    plain = sb.scenario("planned_2018", {"trial.sample_size": 60})
    sb.run(sb.scenario(small, {"truth": True}), 6, out=folder / "run", **QUIET)
    sb.run(sb.scenario("knee_koos"), 6, out=folder / "knee", **QUIET)
    sb.run(sb.scenario("three_arms", {"trial.sample_size": 90}), 4, out=folder / "arms", **QUIET)
    sizes = [100, 200, 300]
    sb.power(plain, vary={"trial.sample_size": sizes}, replicates=60, out=folder / "power", **QUIET)
    sb.sample_size(plain, 0.9, tolerance=0.03, out=folder / "search", **QUIET)
    other = (plain, {"trial.sample_size": 80})
    sb.compare(plain, other, replicates=20, out=folder / "compare", **QUIET)
    sb.validate("selfback_2021", 4, out=folder / "validate", **QUIET)
    sb.trial(small, out=folder / "trial")
    pages = {each.name: sb.report(each).file for each in sorted(folder.iterdir())}
    baseline = Path("results") / "baselines" / "selfback_2021.json"
    pages["gate"] = folder / "gate.html"
    sb.gate(baseline, recommender="random", report=pages["gate"], progress=False)
    return pages


@contextmanager
def opened(
    browser: Browser, page: Path, size: tuple[int, int], theme: str
) -> Iterator[tuple[Page, list]]:
    """Give a page that is open, and what went wrong with it so far."""
    wrong: list[str] = []
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, offline=True
    )
    tab = context.new_page()
    tab.on("console", lambda said: wrong.append(f"{said.type}: {said.text}"))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(("file:", "data:"))
            else wrong.append(f"asked for {asked.url}")
        ),
    )
    tab.goto(page.resolve().as_uri())
    yield tab, wrong
    context.close()


def sorts(tab: Page) -> list[str]:
    """Return what is wrong with sorting, by mouse and by keyboard."""
    table = tab.locator("table.sortable:visible:has(thead th.number)").first
    if not table.count():
        return []
    head = table.locator("thead th.number").first
    column = head.evaluate("each => each.cellIndex")
    button = head.locator("button")

    def numbers() -> list[float]:
        cells = table.locator(f"tbody tr > *:nth-child({column + 1})").all_inner_texts()
        found = [cell.split(" ")[0].rstrip("%").replace(",", "") for cell in cells]
        return [float(each) for each in found if each.lstrip("-+.").replace(".", "").isdigit()]

    before = numbers()
    button.click()
    up = numbers()
    button.focus()
    tab.keyboard.press("Enter")
    down, told = numbers(), head.get_attribute("aria-sort")
    tab.keyboard.press("Enter")
    wrong = []
    if up != sorted(before) or down != sorted(before, reverse=True) or told != "descending":
        wrong.append(f"sorted to {up[:5]} and {down[:5]}, {told}")
    if numbers() != before:
        wrong.append("a third click does not give the first order again")
    return wrong


def filters(tab: Page) -> list[str]:
    """Return what is wrong with filtering."""
    field = tab.locator(".filter input:visible").first
    if not field.count():
        return []
    rows = tab.locator(f"#{field.get_attribute('data-table')} tbody tr:not(.head)")
    word = rows.last.locator("th").inner_text().split()[0]
    field.fill(word)
    shown = [text.lower() for text in rows.locator("visible=true").all_inner_texts()]
    if not shown or len(shown) == rows.count():
        return [f"{word!r} leaves {len(shown)} of {rows.count()} rows"]
    field.fill("")
    return [] if rows.locator("visible=true").count() == rows.count() else ["rows are not back"]


def changes_theme(tab: Page) -> list[str]:
    """Return what is wrong with the button of the theme."""
    colour = "() => getComputedStyle(document.body).backgroundColor"
    before = tab.evaluate(colour)
    tab.locator("#theme").click()
    after = tab.evaluate(colour)
    tab.locator("#theme").click()
    return [] if before != after and tab.evaluate(colour) == before else ["the theme stays"]


def faults_of_report(tab: Page) -> list[str]:
    """Return what axe-core finds in a report, of what is serious."""
    if tab.viewport_size == PHONE and tab.evaluate(IS_DARK):
        return []  # colours are those of the desk, and what is where those of the light theme
    if any(f"/{kind}" in tab.url for kind in UNFOLDED):
        tab.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
    return serious_faults(tab)


def main() -> int:
    """Run the check; return 1 if it fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--screenshots", type=Path, help="folder to keep pictures in")
    given = parser.parse_args()
    told = Told()
    if given.screenshots:
        given.screenshots.mkdir(parents=True, exist_ok=True)
    with scratch() as folder, sync_playwright() as playwright:
        browser = launched(playwright, told)
        if browser is None:
            return told.code
        pages = make_reports(folder)
        for kind, page in pages.items():
            bad: list[str] = []
            for (size_name, size), theme in ((s, t) for s in WIDTHS.items() for t in THEMES):
                with opened(browser, page, size, theme) as (tab, wrong):
                    if given.screenshots:
                        name = f"{kind}_{size_name}_{theme}.png"
                        tab.screenshot(path=given.screenshots / name, full_page=True)
                    tries = (sorts, filters, changes_theme, is_wider, faults_of_report)
                    found = [line for act in tries for line in act(tab)]
                    bad += [f"{size_name}, {theme}: {line}" for line in (*wrong, *found)]
            kilobytes = page.stat().st_size // 1000
            told.case(f"report of {kind}", int(not bad), 1, f"{kilobytes} kB", bad)
        browser.close()
    return told.code


if __name__ == "__main__":
    sys.exit(main())
