"""Results as their functions return them, made again of what is in their folders."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from analysis.replicates.power import Power, PowerCurve
from analysis.replicates.size_adjusted import SizeAdjusted
from analysis.report.decision_words import Words, words_of
from scenarios.schema import Scenario
from sim.front.designs.assurance import AssuranceResult
from sim.front.designs.compare import Compared
from sim.front.designs.power import PowerResult
from sim.front.designs.sample_size import SampleSize
from sim.front.designs.sensitivity import SensitivityResult
from sim.front.reports.opened import Opened
from sim.study.designs.assurance import ASSURANCE, Assurance
from sim.study.designs.comparison import Comparison, Design
from sim.study.designs.grid import Axis
from sim.study.designs.power_grid import CellPower, Curve, PowerGrid
from sim.study.designs.sensitivity import Sensitivity
from sim.study.designs.size_curve import Question
from sim.study.designs.size_search import Answer
from sim.study.store.place import Place

NAN = float("nan")


def power_result(opened: Opened, content: Mapping[str, Any]) -> PowerResult:
    """Return the power of a grid, by the content of its file."""
    grid = PowerGrid(
        name=content["scenario"],
        visit=content["visit"],
        outcome=content["outcome"],
        seed=content["seed"],
        replicates=content["replicates"],
        axes=tuple(Axis(key, tuple(values)) for key, values in content["vary"].items()),
        words=Words(**content["power_is"]),
        cells=tuple(_cell(each) for each in content["cells"]),
        curves=tuple(_curve(each) for each in content["curves"]),
        failed=content["failed_replicates"],
    )
    return PowerResult(grid, Place(opened.study.folder))


def search_result(opened: Opened, content: Mapping[str, Any]) -> SampleSize:
    """Return the answer of a search for a sample size, by the content of its file."""
    question = TypeAdapter(Question).validate_python(_tuples(content["question"]))
    found = {key: content[key] for key in Answer.__dataclass_fields__ if key in content}
    found["verified"] = Power(**_known(content["verified"]))
    adjusted = content["verified_adjusted"]
    found["verified_adjusted"] = None if adjusted is None else SizeAdjusted(**_known(adjusted))
    return SampleSize(
        question,
        opened.scenario.name,
        words_of([opened.scenario.analysis]),
        Answer(**found),
        Place(opened.study.folder),
    )


def comparison_result(opened: Opened, content: Mapping[str, Any]) -> Compared:
    """Return designs compared, by the content of its file."""
    scenarios = opened.manifest["designs"]
    designs = tuple(
        Design(
            each["design"],
            tuple(each["overrides"]),
            Scenario.model_validate_json(json.dumps(scenarios[each["design"]]), strict=True),
        )
        for each in content["designs"]
    )
    failed = {each["design"]: each["failed_replicates"] for each in content["designs"]}
    differences = pd.DataFrame([_known(each) for each in content["differences"]])
    found = Comparison(designs, content["replicates"], failed, differences)
    return Compared(found, Place(opened.study.folder))


def assurance_result(opened: Opened) -> AssuranceResult:
    """Return assurance beside power.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    content = opened.read_json(ASSURANCE)
    return AssuranceResult(
        Assurance(**{key: content[key] for key in Assurance.__dataclass_fields__}),
        opened.scenario.name,
        "the posterior sample",
        str(opened.manifest["study"]["assurance"]),
        words_of([opened.scenario.analysis]),
        Place(opened.study.folder),
    )


def sensitivity_result(opened: Opened, content: Mapping[str, Any]) -> SensitivityResult:
    """Return what parameters move, by the content of its file."""
    return SensitivityResult(Sensitivity.from_dict(content), Place(opened.study.folder))


def _cell(content: Mapping[str, Any]) -> CellPower:
    null, adjusted = content["null"], content["adjusted"]
    return CellPower(
        point=dict(content["point"]),
        analysis=content["analysis"],
        power=Power(**_known(content["power"])),
        null=None if null is None else Power(**_known(null)),
        adjusted=None if adjusted is None else SizeAdjusted(**_known(adjusted)),
        participants=content["participants"],
        days=content["days"],
    )


def _curve(content: Mapping[str, Any]) -> Curve:
    return Curve(
        content["key"],
        content["analysis"],
        dict(content["held"]),
        PowerCurve.from_dict(content),
    )


def _known(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers of JSON, which has no NaN, with NaN again where there is no number."""
    return {key: NAN if value is None else value for key, value in content.items()}


def _tuples(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in content.items()}
