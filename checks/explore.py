"""Uses ``selfback explore`` in a headless Chromium, as a researcher would.

``python checks/explore.py``: a scenario is changed and run to its result, a bad value is refused in
its place, two runs are put side by side, single patients are looked at, TOML and command are copied
and must be the same scenario, runs are cancelled, fail half way, and lose their server to SIGKILL,
and are gone on with. Nothing may be asked of another host and nothing complained of on the console;
other sites may start nothing; all pages render in both themes and at a phone's width, and axe-core
finds no serious fault in them. ``--screenshots FOLDER`` keeps pictures of them, to be looked at.

Chromium is Debian's: ``apt-get install chromium``.
"""

import argparse
import json
import shlex
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

from kit.browser import THEMES, WIDTHS, is_wider, launched, serious_faults
from kit.explored import Server, Visit, copied, fill, run, settled, visiting
from kit.scratch import scratch
from kit.told import Told
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

import selfback as sb
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario, scenario_hash

QUIET = {"jobs": 2, "progress": False}
PAGES = {
    "scenarios": "/",
    "scenario": "/scenario?base=selfback_2021",
    "refused": "/scenario?base=planned_2018&set=trial.sample_size%3D-5&set=app.assistants%3D7",
    "runs": "/runs",
    "result": "/runs/first",
    "failed": "/runs/failing",
    "compare": "/compare?run=first&run=second",
    "patient": "/runs/selfback/patients?participant=3",
}
"""Pages that are looked at, when the runs on them have been made."""
KILLED = 300
"""Trials of the run whose server is killed."""
FAILING = """
from analysis.data.estimates import student_estimate

LEFT = 12


def boom(inputs):
    global LEFT
    LEFT -= 1
    if LEFT < 0:
        raise MemoryError("no memory is left, in a check")
    visit = inputs.plan.primary_visit
    label = (inputs.name, inputs.plan.primary_outcome, visit, "difference")
    return [student_estimate(label, 0.0, 1.0, 10.0, 10, 0.95)]
"""


def refuses_in_place(visit: Visit) -> list[str]:
    """Return what is wrong with how a bad value is refused."""
    wrong = []
    tab = visit.tab("/scenario?base=planned_2018")
    settled(tab)
    fill(tab, "trial.sample_size", "-5")
    try:
        load_scenario("planned_2018", ["trial.sample_size=-5"])
        line = ""
    except InputError as error:
        line = str(error).removeprefix("--set: ")
    told = tab.locator('[data-key="trial.sample_size"] .problem').inner_text()
    if told != line:
        wrong.append(f"told {told!r}, not {line!r}")
    if tab.locator("#run").is_enabled():
        wrong.append("it can be run")
    tab.locator("#typed input").first.fill("app.quit_hazzard = 1")
    settled(tab)
    if "did you mean app.quit_hazard?" not in tab.locator("#typed").inner_text():
        wrong.append("a misspelt key is not told where it was typed")
    tab.locator("#typed .remove").first.click()
    tab.locator('[data-key="trial.sample_size"] .undo').click()
    settled(tab)
    if not tab.locator("#run").is_enabled():
        wrong.append("it cannot be run when all is put right")
    slider = tab.locator('[data-key="trial.sample_size"] input[type=range]')
    slider.focus()
    tab.keyboard.press("ArrowRight")
    settled(tab)
    if tab.locator('[name="key:trial.sample_size"]').input_value() != "355":
        wrong.append("the slider is not moved by the keyboard")
    tab.close()
    return wrong


def runs_to_its_result(visit: Visit, folder: Path) -> list[str]:
    """Return what is wrong with a run, and with what is copied of it."""
    wrong = []
    tab = visit.tab("/scenario?base=planned_2018")
    settled(tab)
    fill(tab, "trial.sample_size", "60")
    fill(tab, "course.effect_size", "-3")
    fill(tab, "seed", "5")
    tab.locator("#name").fill("first")
    settled(tab)
    toml, command = copied(tab, "toml"), copied(tab, "command")
    run(tab, "first", 40)
    tab.wait_for_selector(".answer")
    if "of trials find the intervention better" not in tab.locator(".answer").inner_text():
        wrong.append(f"the answer is {tab.locator('.answer').inner_text()!r}")
    if not tab.locator("figure img").count() or not tab.locator("table").count():
        wrong.append("no figure or no table")
    manifest = json.loads((folder / "results" / "explore" / "first" / "manifest.json").read_text())
    (folder / "copied.toml").write_text(toml, "utf-8")
    words = shlex.split(command)
    sets = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
    for what, scenario in {
        "TOML": load_scenario(folder / "copied.toml"),
        "command": load_scenario(words[2], sets),
    }.items():
        if scenario_hash(scenario) != manifest["scenario_hash"]:
            wrong.append(f"the {what} is another scenario")
    with visit.context.expect_page() as opened:
        tab.get_by_role("link", name="Whole report").click()
    if "simulated trials" not in opened.value.locator(".kind").inner_text():
        wrong.append("the report is not there")
    opened.value.close()
    tab.close()
    return wrong


def side_by_side(visit: Visit) -> list[str]:
    """Return what is wrong with two runs beside one another."""
    tab = visit.tab("/scenario?base=study:first")
    settled(tab)
    wrong = []
    if tab.locator('[name="key:trial.sample_size"]').input_value() != "60":
        wrong.append("what a run changed is not in its form")
    fill(tab, "course.effect_size", "-1.5")
    run(tab, "second", 40)
    tab.wait_for_selector(".answer")
    tab.goto(f"{visit.host}/runs")
    for name in ("first", "second"):
        tab.get_by_label(f"Compare {name}").check()
    tab.get_by_role("button", name="Compare").click()
    tab.wait_for_selector("h1:has-text('Side by side')")
    text = tab.locator("main").inner_text()
    wrong += [
        f"it does not say {words!r}"
        for words in ("share common random numbers: seed 5", "course.effect_size", "Paired")
        if words not in text
    ]
    tab.close()
    return wrong


def patients(visit: Visit) -> list[str]:
    """Return what is wrong with looking at single patients."""
    tab = visit.tab("/runs/selfback/patients")
    heading = tab.locator("h1")
    seen = [heading.inner_text()]
    for name in ("Next", "Next", "Previous", "Random"):
        tab.get_by_role("link", name=name, exact=True).click()
        tab.wait_for_load_state()
        seen.append(heading.inner_text())
    wrong = (
        []
        if seen[:4] == [f"Participant {number} of trial 0" for number in (1, 2, 3, 2)]
        else [f"it shows {seen}"]
    )
    if not tab.locator("figure img").count():
        wrong.append("no figure")
    tab.close()
    return wrong


def survives_its_server(browser: Browser, server: Server, folder: Path) -> list[str]:
    """Kill the server in the middle of a run, start another, and go on."""
    with visiting(browser, server) as visit:
        tab = visit.tab("/scenario?base=planned_2018")
        settled(tab)
        fill(tab, "trial.sample_size", "40")
        run(tab, "killed", KILLED)
        tab.wait_for_function(
            "() => +document.getElementById('kept')?.textContent.replace(',', '')"
        )
        server.end(signal.SIGKILL)
    again = Server(folder)
    try:
        return goes_on(browser, again)
    finally:
        again.end()


def goes_on(browser: Browser, again: Server) -> list[str]:
    """Go on with the run whose server was killed, cancel it, and go on to its result."""
    wrong = []
    with visiting(browser, again) as visit:
        tab = visit.tab("/runs/killed")
        tab.wait_for_selector("h2:has-text('Interrupted')")
        kept = tab.locator("main").inner_text()
        tab.get_by_role("button", name="Go on").click()
        tab.wait_for_selector("#kept")
        first = int(tab.locator("#kept").inner_text().replace(",", ""))
        if not 0 < first < KILLED:
            wrong.append(f"it goes on from {first}: {kept}")
        tab.get_by_role("button", name="Cancel").click()
        tab.wait_for_selector("h2:has-text('Interrupted')")
        tab.get_by_role("button", name="Go on").click()
        tab.wait_for_selector(".answer")
        if f"({KILLED} simulated trials)" not in tab.locator(".answer").inner_text():
            wrong.append(tab.locator(".answer").inner_text())
        wrong += visit.wrong
    return wrong


def fails_half_way(visit: Visit, folder: Path) -> list[str]:
    """Return what is wrong with how a failure is told."""
    (folder / "failing.py").write_text(FAILING, "utf-8")
    tab = visit.tab("/scenario?base=planned_2018")
    settled(tab)
    fill(tab, "trial.sample_size", "40")
    tab.locator("#typed input").first.fill('analysis.alternatives = ["failing:boom"]')
    run(tab, "failing", 200)
    tab.wait_for_selector("h2:has-text('Interrupted')")
    told = tab.locator("main").inner_text()
    tab.close()
    there = (folder / "results" / "explore" / "failing" / "manifest.json").is_file()
    return [] if there and "no memory is left" in told else [f"there: {there}, told: {told}"]


def two_at_once(visit: Visit) -> list[str]:
    """Return what is wrong when two tabs begin runs of one name."""
    tabs = [visit.tab("/scenario?base=planned_2018") for _ in range(2)]
    for tab in tabs:
        settled(tab)
        fill(tab, "trial.sample_size", "40")
    run(tabs[0], "once", 10)
    tabs[1].locator("#name").fill("once")
    tabs[1].locator("#run").click()
    tabs[1].wait_for_function("() => document.getElementById('other')?.textContent")
    told = tabs[1].locator("#other").inner_text()
    kept = tabs[1].locator('[name="key:trial.sample_size"]').input_value()
    tabs[0].wait_for_selector(".answer")
    for tab in tabs:
        tab.close()
    return [] if "once exists" in told and kept == "40" else [f"told {told!r}, {kept} is kept"]


def other_sites(server: Server, cookie: str) -> list[str]:
    """Return what other sites and other users may do that they should not."""
    port = server.host.rpartition(":")[2]
    good = {"Host": f"127.0.0.1:{port}", "Origin": server.host, "Cookie": cookie}
    tries = {
        "a site that leads here": ({**good, "Host": f"example.org:{port}"}, 421),
        "a form of another site": ({**good, "Origin": "http://example.org"}, 403),
        "no origin": ({key: text for key, text in good.items() if key != "Origin"}, 403),
        "another user": ({**good, "Cookie": ""}, 403),
        "a websocket of another site": (
            {**good, "Origin": "http://example.org", "Upgrade": "websocket"}, 403),
    }  # fmt: skip
    wrong = []
    for who, (headers, wanted) in tries.items():
        asked = urllib.request.Request(
            f"{server.host}/runs", b"base=planned_2018&replicates=5&name=evil", headers
        )
        try:
            code = urllib.request.urlopen(asked, timeout=30).status
        except urllib.error.HTTPError as error:
            code = error.code
        if code != wanted:
            wrong.append(f"{who}: {code}, not {wanted}")
    return wrong


def look(
    browser: Browser, server: Server, name: str, address: str, screenshots: Path | None
) -> list[str]:
    """Return what is wrong with a page, at each width and in each theme."""
    wrong = []
    for (size_name, size), theme in ((s, t) for s in WIDTHS.items() for t in THEMES):
        with visiting(browser, server, size, theme) as visit:
            tab = visit.tab(address)
            tab.wait_for_load_state("networkidle")
            if tab.locator("#scenario").count():
                settled(tab)
            if screenshots:
                file = screenshots / f"{name}_{size_name}_{theme}.png"
                tab.screenshot(path=file, full_page=True)
            found = [*is_wider(tab), *serious_faults(tab), *visit.wrong]
            wrong += [f"{size_name}, {theme}: {line}" for line in found]
    return wrong


def tried(act: Callable[[], list[str]]) -> list[str]:
    """Return what is wrong by a try, or that a page did not come."""
    try:
        return act()
    except PlaywrightError as error:
        return [" ".join(str(error).split())[:300]]


def cases(
    browser: Browser, server: Server, visit: Visit, folder: Path, screenshots: Path | None
) -> dict[str, Callable[[], list[str]]]:
    """Return what is tried, by name; the server is killed in the last one."""
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in visit.context.cookies())
    return {
        "a bad value is refused in its place": lambda: refuses_in_place(visit),
        "a run, and the same as TOML and as command": lambda: runs_to_its_result(visit, folder),
        "two runs side by side": lambda: side_by_side(visit),
        "single patients": lambda: patients(visit),
        "two tabs at once": lambda: two_at_once(visit),
        "a run that fails half way": lambda: fails_half_way(visit, folder),
        "other sites and other users": lambda: other_sites(server, cookie),
        "no other host, no complaint": lambda: visit.wrong,
        **{
            f"page {name}, both themes and widths": partial(
                look, browser, server, name, address, screenshots
            )
            for name, address in PAGES.items()
        },
        "a server that is killed in the middle of a run": lambda: survives_its_server(
            browser, server, folder
        ),
    }


def main() -> int:
    """Run the check; return 1 if it fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--screenshots", type=Path, help="folder to keep pictures in")
    parser.add_argument("--only", default="", help="part of the name of the cases to be tried")
    given = parser.parse_args()
    screenshots, told = given.screenshots, Told()
    if screenshots:
        screenshots = screenshots.resolve()
        screenshots.mkdir(parents=True, exist_ok=True)
    with scratch() as folder, sync_playwright() as playwright:
        browser = launched(playwright, told)
        if browser is None:
            return told.code
        small = sb.scenario("selfback_2021", {"trial.sample_size": 40})
        sb.run(small, 2, out=folder / "selfback", **QUIET)
        server = Server(folder, "selfback")
        told.case("first page", 1, 1, f"after {server.seconds:.1f} s")
        try:
            with visiting(browser, server) as visit:
                every = cases(browser, server, visit, folder, screenshots)
                for name in (each for each in every if given.only in each):
                    wrong = tried(every[name])
                    told.case(name, int(not wrong), 1, bad=wrong)
        finally:
            server.end()
        browser.close()
    return told.code


if __name__ == "__main__":
    sys.exit(main())
