"""The addresses of the pages. Each page is whole by itself: any can be opened again, in any tab."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from scenarios.errors import InputError
from scenarios.loading.library import GROUPS
from sim.explore.draft import (
    Checked,
    Form,
    changes_in,
    check,
    command_line,
    form_of,
    with_changes,
    without_effect,
)
from sim.explore.guard import guard
from sim.explore.names import fault_of
from sim.explore.pages import asset, page
from sim.explore.runs import Runs
from sim.explore.sources import STUDY, base_of, of_files, shipped

KEY = "key:"
"""Begins the name of a field of a main parameter."""
REPLICATES, MOST = 200, 100_000
"""Trials of a run, if nothing else is asked for, and the most."""
KINDS = {"css": "text/css", "js": "text/javascript"}
Answer = str | AnyResponse | tuple[str | AnyResponse, int]


def make_app(runs: Runs, files: Sequence[Path], port: int, secret: str) -> Flask:
    """Return the application.

    Parameters
    ----------
    runs
        Runs, and results folders that are shown.
    files
        Scenarios of the user that are offered.
    port, secret
        See :func:`sim.explore.guard.guard`.
    """
    app = Flask(__name__, static_folder=None)
    guard(app, port, secret)
    _add_scenarios(app, runs, files)
    _add_runs(app, runs)
    _add_results(app, runs)

    @app.get("/theme/<name>")
    def styles_and_scripts(name: str) -> Answer:
        try:
            text = asset(name)
        except FileNotFoundError:
            return _trouble("There is no such page.", 404)
        return Response(text, mimetype=KINDS[name.rpartition(".")[2]])

    @app.errorhandler(InputError)
    def refused(error: InputError) -> Answer:
        return _trouble(str(error), 400)

    @app.errorhandler(HTTPException)
    def no_page(error: HTTPException) -> Answer | HTTPException:
        if error.response is not None:
            return error
        told = "There is no such page." if error.code == 404 else str(error.description)
        return _trouble(told, error.code or 500)

    return app


def _add_scenarios(app: Flask, runs: Runs, files: Sequence[Path]) -> None:
    @app.get("/")
    def scenarios() -> Answer:
        studies = [(each, runs.state(each)) for each in runs.studies()]
        return page(
            "scenarios", here="scenarios", groups={group: shipped(group) for group in GROUPS},
            files=list(of_files(files)), studies=studies, study_key=STUDY,
        )  # fmt: skip

    @app.get("/scenario")
    def scenario() -> Answer:
        base, before = base_of(request.args.get("base", ""), runs)
        changes = request.args.getlist("set") or list(before)
        form = with_changes(form_of(base), changes)
        return _form(form, check(base, changes, list(form.values)), runs)

    @app.post("/check")
    def checked() -> Answer:
        form, found = _posted(runs)
        return jsonify(_told(form, found, runs))

    @app.post("/runs")
    def start() -> Answer:
        form, found = _posted(runs)
        replicates, wrong = _replicates(request.form.get("replicates", ""))
        if found.scenario is None or wrong:
            return _form(form, found, runs, wrong), 400
        try:
            study = runs.start(found, replicates, request.form.get("name", "").strip())
        except InputError as error:
            return _form(form, found, runs, str(error)), 400
        return redirect(f"/runs/{study.name}", 303)


def _add_runs(app: Flask, runs: Runs) -> None:
    @app.get("/runs")
    def all_runs() -> Answer:
        studies = [(each, runs.state(each)) for each in runs.studies()]
        return page("runs", here="runs", studies=studies, root=str(runs.root))

    @app.get("/runs/<name>")
    def run(name: str) -> Answer:
        study = runs.study(name)
        state = runs.state(study)
        result = wrong = None
        if state.whole:
            from sim.explore.shown import result_of  # noqa: PLC0415 - heavy

            try:
                result = result_of(study)
            except InputError as error:
                wrong = str(error)
        whole = [each for each in runs.studies() if runs.state(each).whole]
        return page(
            "run", here="runs", study=study, state=state, result=result, wrong=wrong,
            study_key=STUDY, others=[each for each in whole if each.name != name],
        )  # fmt: skip

    @app.get("/runs/<name>/state")
    def how_far(name: str) -> Answer:
        state = runs.state(runs.study(name))
        return jsonify(
            state=state.state, kept=state.kept, replicates=state.replicates,
            stopping=state.stopping,
        )  # fmt: skip

    @app.post("/runs/<name>/cancel")
    def cancel(name: str) -> Answer:
        runs.cancel(name)
        return redirect(f"/runs/{name}", 303)

    @app.post("/runs/<name>/resume")
    def resume(name: str) -> Answer:
        runs.go_on(name)
        return redirect(f"/runs/{name}", 303)


def _add_results(app: Flask, runs: Runs) -> None:
    @app.get("/runs/<name>/report")
    def report(name: str) -> Answer:
        from sim.explore.shown import report_of  # noqa: PLC0415

        answer = Response(report_of(runs.study(name)), mimetype="text/html")
        # It has a policy of its own, with the sum of its script in it.
        answer.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        return answer

    @app.get("/compare")
    def compare() -> Answer:
        from sim.explore.compared import side_by_side  # noqa: PLC0415

        chosen = [runs.study(name) for name in request.args.getlist("run")]
        return page("compare", here="runs", found=side_by_side(chosen))

    @app.get("/runs/<name>/patients")
    def patients(name: str) -> Answer:
        from sim.explore.patients import patient  # noqa: PLC0415

        study = runs.study(name)
        replicate = _number("replicate")
        participant = _number("participant")
        found = patient(study, 1 if participant is None else participant, replicate)
        return page("patient", here="runs", study=study, found=found)

    @app.get("/runs/<name>/patients/random")
    def anybody(name: str) -> Answer:
        from sim.explore.patients import people  # noqa: PLC0415

        participants, replicates = people(runs.study(name))
        who = {
            "replicate": random.choice(replicates),  # noqa: S311 - whom to look at
            "participant": random.randint(1, participants),  # noqa: S311
        }
        return redirect(f"/runs/{name}/patients?{urlencode(who)}")


def _number(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError(f"{name} {text[:60]!r} is not allowed: must be a whole number")
    return int(text)


def _replicates(text: str) -> tuple[int, str]:
    """Return how many trials are asked for, and what is wrong with that."""
    given = text.strip()
    if given.isascii() and given.isdecimal() and len(given) < 10 and 1 <= int(given) <= MOST:
        return int(given), ""
    return 0, (
        f"replicates = {given[:60] or 'nothing'} is not allowed: must be a whole number from 1 to "
        f"{MOST:,}"
    )


def _posted(runs: Runs) -> tuple[Form, Checked]:
    """Return the form that was sent, and the scenario that it makes."""
    base, _ = base_of(request.form.get("base", ""), runs)
    form = form_of(base)
    fields = {
        name.removeprefix(KEY): text for name, text in request.form.items() if name.startswith(KEY)
    }
    changes = changes_in(form, fields, request.form.getlist("set"))
    form = with_changes(form, changes)
    return form, check(base, changes, list(form.values))


def _told(form: Form, found: Checked, runs: Runs) -> dict[str, Any]:
    """Return what is said of a scenario as it is changed, as plain data."""
    from sim.explore.facts import facts_of  # noqa: PLC0415 - heavy

    typed = request.form.get("name", "").strip()
    fault = fault_of(typed) if typed else ""
    name = typed if typed and not fault else runs.free_name(_plain(form.base.key))
    replicates, wrong = _replicates(request.form.get("replicates", str(REPLICATES)))
    arguments = found.arguments(replicates or REPLICATES, runs.root / name)
    file = [name + ".toml", "--replicates", str(replicates or REPLICATES)]
    return {
        "wrong": dict(found.by_key),
        "other": [*found.other, *([fault] if fault else [])],
        "replicates": wrong,
        "facts": facts_of(found.scenario or form.scenario),
        "hidden": without_effect(form, found),
        "name": name,
        "toml": found.toml(name),
        "command": command_line(arguments) if found.scenario and form.base.portable else "",
        "file": command_line(["run", *file]) if found.scenario else "",
        "hash": found.hash,
        "changed": len(found.changes),
        "address": "/scenario?" + urlencode(
            {"base": form.base.key, "set": list(found.changes)}, doseq=True
        ),
    }  # fmt: skip


def _form(form: Form, found: Checked, runs: Runs, wrong: str = "") -> str:
    return page(
        "scenario", here="scenarios", form=form, found=found, told=_told(form, found, runs),
        title=form.scenario.title, wrong=wrong,
        replicates=request.form.get("replicates", str(REPLICATES)),
        root=str(runs.root),
        name=request.form.get("name", ""), field=KEY,
    )  # fmt: skip


def _plain(key: str) -> str:
    return key.removeprefix(STUDY)


def _trouble(told: str, code: int) -> tuple[str, int]:
    return page("trouble", here="", told=told), code
