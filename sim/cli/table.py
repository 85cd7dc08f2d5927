"""Every command of ``selfback``: its name, and its module below :mod:`sim.cli.commands`."""

from sim.cli.lazy import Group

COMMANDS: dict[str, str | Group] = {
    "run": "trials.run",
    "trial": "trials.trial",
    "analyse": "trials.analyse",
    "performance": "trials.performance",
    "report": "studies.report",
    "status": "studies.status",
    "resume": "studies.resume",
    "grow": "studies.grow",
    "calibrate": "published.calibrate",
    "validate": "published.validate",
    "compare": "designs.compare",
    "power": "designs.power",
    "assurance": "designs.assurance",
    "components": "designs.components",
    "sensitivity": "designs.sensitivity",
    "subgroups": "patients.subgroups",
    "replay": "patients.replay",
    "gate": "recommender.gate",
    "doctor": "setup.doctor",
    "explore": "explore",
    "scenarios": Group(
        {
            "list": "scenarios.list_scenarios",
            "show": "scenarios.show",
            "validate": "scenarios.validate",
            "new": "scenarios.new",
            "schema": "scenarios.schema",
        },
        help="List, show, validate and begin scenarios.",
    ),
    "recommender": Group(
        {
            "check": "recommender.check",
            "serve": "recommender.serve",
            "schema": "recommender.schema",
        },
        help="Check, serve and describe recommenders of one's own.",
    ),
}
