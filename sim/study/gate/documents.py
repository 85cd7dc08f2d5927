"""What the gate found, for programs and pages: plain data, Markdown, JUnit XML."""

import re
from collections.abc import Sequence
from dataclasses import asdict

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import FinalResult

from analysis.report.markdown import markdown_table
from sim.study.gate.baseline import Baseline
from sim.study.gate.criteria import EFFECT, Criterion
from sim.study.gate.gate import GateResult
from sim.study.gate.measures import MEASURES
from sim.study.gate.report import (
    effect_rows,
    label_of,
    loss_in_words,
    patients_note,
    patients_table,
    sentence,
    tests_note,
    tests_table,
    unit_of,
)

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_dict(found: GateResult, baseline: Baseline) -> dict[str, object]:
    """Return plain numbers and texts, ready for JSON."""
    decision, joint = found.decision, found.joint
    effect = None if found.compared is None else found.compared[EFFECT]
    return {
        "verdict": found.verdict,
        "sentence": sentence(found, baseline),
        "scenario": baseline.scenario,
        "seed": baseline.seed,
        "outcome": found.outcome,
        "visit": found.visit,
        "recommender": found.recommender,
        "rival": baseline.rival,
        "changed": list(found.changed),
        "effect": None if effect is None else effect.now,
        "baseline_effect": None if effect is None else effect.baseline,
        "rival_effect": None if effect is None else effect.rival,
        "anchor_effect": None if effect is None else effect.anchor,
        "added": found.added,
        "baseline_added": found.added_before,
        "loss": None if decision is None else decision.mean,
        "lower": None if decision is None else decision.lower,
        "upper": None if decision is None else decision.upper,
        "confidence": 1.0 - 2.0 * found.test.alpha,
        "margin": found.criteria[0].margin,
        "margin_share": found.criteria[0].share,
        "tests": tests_of(found),
        "not_tested": [asdict(one) for one in found.untested],
        "measures": {name: asdict(one) for name, one in (found.compared or {}).items()},
        "strays": [] if joint is None else list(joint.strays),
        "alpha": found.test.alpha,
        "power": 1.0 - found.test.beta,
        "replicates": 0 if joint is None else joint.n,
        "more_replicates": 0 if joint is None else joint.more,
        "identical": found.identical,
        "points": found.points,
        "patients": [asdict(one) for one in found.patients],
    }


def tests_of(found: GateResult) -> list[dict[str, object]]:
    """Return what was tested, an entry each."""
    return [_test_dict(one, found) for one in found.criteria]


def _test_dict(one: Criterion, found: GateResult) -> dict[str, object]:
    decision = None if found.joint is None else found.joint.decisions[one.name]
    measure = MEASURES.get(one.measure)
    return {
        "name": one.name,
        "measure": one.measure,
        "reference": one.reference,
        "unit": unit_of(one.measure),
        "higher_is_better": None if measure is None else measure.higher_is_better,
        "margin": one.margin,
        "margin_share": one.share,
        "loss": None if decision is None else decision.mean,
        "lower": None if decision is None else decision.lower,
        "upper": None if decision is None else decision.upper,
        "verdict": None if decision is None else decision.verdict,
    }


def markdown(found: GateResult, baseline: Baseline) -> str:
    """Return a comment for a pull request."""
    lines = [
        f"## Recommender gate: {found.verdict}",
        "",
        _cell(sentence(found, baseline)),
        "",
        _escaped_table(
            ("", _cell(f"{found.outcome} at {found.visit}")), effect_rows(found, baseline)
        ),
    ]
    table = tests_table(found, baseline)
    lines += ["", f"**{table.title}**", "", _escaped_table(table.heads, table.rows), ""]
    lines += [_cell(tests_note(found, baseline))]
    if found.patients:
        table = patients_table(found)
        lines += ["", f"**{table.title}**", "", _escaped_table(table.heads, table.rows), ""]
        lines += [_cell(patients_note(found))]
    if found.changed:
        lines += ["", f"Changed in `[recommender]`: {_cell('; '.join(found.changed))}"]
    return "\n".join(lines) + "\n"


def junit(found: GateResult, baseline: Baseline, seconds: float) -> str:
    """Return JUnit XML: a test case for the verdict and one for each loss that is tested for.

    What is inconclusive is an error: a skipped test would look like success to who reads the file
    alone. What cannot be tested is skipped, with the reason.
    """
    said = _xml_text(sentence(found, baseline))
    case = TestCase(
        "recommender is not worse than its baseline", "selfback.gate", round(seconds, 3)
    )
    if found.verdict == "fail":
        case.result = [Failure(said, "fail")]
    elif found.verdict == "inconclusive":
        case.result = [Error(said, "inconclusive")]
    case.system_out = _xml_text(markdown(found, baseline))
    suite = TestSuite(f"selfback gate {_xml_text(baseline.scenario)}")
    for name, value in effect_rows(found, baseline):
        suite.add_property(name, _xml_text(value))
    suite.add_testcase(case)
    for one in found.criteria:
        of = TestCase(_xml_text(label_of(one.name, baseline)), "selfback.gate.tests")
        of.result = _result_of(one, found, baseline)
        suite.add_testcase(of)
    for other in found.untested:
        of = TestCase(_xml_text(label_of(other.name, baseline)), "selfback.gate.tests")
        of.result = [Skipped(_xml_text(other.reason))]
        suite.add_testcase(of)
    report = JUnitXml("selfback gate")
    report.add_testsuite(suite)
    report.update_statistics()  # type: ignore[no-untyped-call]
    text: bytes = report.tostring()  # type: ignore[no-untyped-call]
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text.decode("utf-8")}\n'


def _result_of(one: Criterion, found: GateResult, baseline: Baseline) -> list[FinalResult]:
    """Return what JUnit XML says of a test; nothing where it passes."""
    if found.joint is None:
        return [Skipped("a replicate failed")]
    verdict = found.joint.decisions[one.name].verdict
    if verdict == "fail":
        return [Failure(_xml_text(loss_in_words(one, found, baseline)), "fail")]
    if found.verdict == "inconclusive" and (
        verdict == "inconclusive" or one.name in found.joint.strays
    ):
        return [Error("inconclusive", "inconclusive")]
    if verdict == "inconclusive":
        return [Skipped("not decided yet when another test failed")]
    return []


def _escaped_table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return markdown_table(heads, (map(_cell, row) for row in rows), numbers=True)


def _cell(text: str) -> str:
    r"""Return a text that Markdown shows as it is.

    >>> _cell("a|b <i>")
    'a\\|b &lt;i>'
    """
    return re.sub(r"([\\`*_|\[\]])", r"\\\1", text).replace("<", "&lt;")


def _xml_text(text: str) -> str:
    """Return a text without the characters that XML has no way to write."""
    return _NOT_XML.sub("?", text)
