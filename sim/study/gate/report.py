"""What the gate found, in words: a sentence, tables, Markdown, JUnit XML and plain data."""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from analysis.report.markdown import markdown_table
from analysis.report.numbers import NONE, fixed, signed, significant
from analysis.report.tables import TextTable
from scenarios.people.instruments import INSTRUMENT_SCALES
from sim.study.gate.baseline import MAKE, Baseline
from sim.study.gate.gate import GateResult

HEADS = ("", "n", "effect now", "baseline", "loss", "worse", "better")
SURE = 2.0
"""Standard errors by which a subgroup's loss has to differ from 0 to be named."""
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sentence(found: GateResult, baseline: Baseline) -> str:
    """Return the verdict in one plain sentence."""
    decision, margin = found.decision, found.test.margin
    if decision is None:
        return f"fail: {found.failure}"
    of_effect = abs(found.baseline_effect)
    allowed = f"the margin of {significant(margin, 3)} points ({found.share:.3g} of the effect)"
    if decision.verdict == "pass" and found.identical:
        return (
            "pass: nothing has changed: every participant in "
            f"{decision.n} replicates has the same score as under the baseline"
        )
    if decision.verdict == "pass":
        return f"pass: the recommender is not worse than the baseline by as much as {allowed}"
    if decision.verdict == "fail":
        return (
            "fail: the recommender is worse than the baseline: about "
            f"{significant(decision.mean, 3)} of the {significant(of_effect, 3)} points of its "
            f"effect are lost ({_percent(decision.mean / of_effect, 0)}), nearer "
            f"to {allowed} than to nothing"
        )
    wanted = decision.n + decision.more
    return (
        f"inconclusive: {decision.n} replicates do not tell whether the recommender is worse by "
        f"as much as {allowed}: about {decision.more} more are needed: with the code that made "
        f"the baseline, make one with {MAKE} FILE {baseline.scenario} --replicates {wanted}"
    )


def effect_rows(found: GateResult, baseline: Baseline) -> list[tuple[str, str]]:
    """Return effect, difference, interval and the terms of the test, a name and a value each."""
    decision, test = found.decision, found.test
    rows = [
        ("margin", f"{fixed(test.margin, 4)} points, {found.share:.3g} of the baseline's effect")
    ]
    if decision is not None and found.effect is not None and found.effect_before is not None:
        gap = found.effect - found.effect_before
        ends = sorted(gap + sign * (decision.upper - decision.mean) for sign in (-1.0, 1.0))
        rows = [
            ("effect now", fixed(found.effect, 4)),
            (
                "effect of the baseline",
                f"{fixed(found.effect_before, 4)}, on common random numbers",
            ),
            ("paired difference", f"{signed(gap, 4)}, positive is {_positive_is(found)}"),
            (
                f"{_percent(test.confidence, 0)} interval",
                f"{signed(ends[0], 4)} to {signed(ends[1], 4)}, valid whenever the test stops",
            ),
            *rows,
            ("replicates", f"{decision.n} of the baseline's {len(baseline.replicates)}"),
        ]
    return [
        *rows,
        ("false alarms", f"at most {test.alpha:.3g} where nothing is lost"),
        (
            "power",
            f"at least {1.0 - test.beta:.3g} where the margin is lost, less what ends inconclusive",
        ),
    ]


def patients_table(found: GateResult) -> TextTable:
    """Return who got worse, a row for all participants and for each subgroup."""
    rows: list[tuple[str, ...]] = [
        (
            one.name,
            fixed(one.n, 0),
            fixed(one.now, 3),
            fixed(one.baseline, 3),
            f"{signed(one.loss, 3)} ({fixed(one.error, 3)})",
            _percent(one.worse, 1),
            _percent(one.better, 1),
        )
        for one in found.patients
    ]
    return TextTable("Which patients got worse", HEADS, rows)


def patients_note(found: GateResult) -> str:
    """Return what the table of patients means, and who is hit most."""
    meaning = (
        f"n: members in a replicate. Effects on {found.label} at {found.visit}; loss: of effect, "
        "with its Monte Carlo standard error. Worse, better: share of members whose own score is "
        f"worse, or better, by {found.points:g} or more than under the baseline, on common random "
        "numbers."
    )
    hit = [one for one in found.patients[1:] if one.loss > SURE * one.error]
    if not hit:
        return f"No subgroup has a loss above {SURE:g} standard errors. {meaning}"
    most = max(hit, key=lambda one: one.loss)
    return (
        f"Hit most: {most.name}, {fixed(most.loss, 3)} points less effect, "
        f"{_percent(most.worse, 1)} worse by {found.points:g} or more. Losses above {SURE:g} "
        f"standard errors: {len(hit)} of {len(found.patients) - 1} subgroups, no allowance made "
        f"for their number. {meaning}"
    )


def to_dict(found: GateResult, baseline: Baseline) -> dict[str, object]:
    """Return plain numbers and texts, ready for JSON."""
    decision = found.decision
    return {
        "verdict": found.verdict,
        "sentence": sentence(found, baseline),
        "scenario": baseline.scenario,
        "seed": baseline.seed,
        "outcome": found.outcome,
        "visit": found.visit,
        "recommender": found.recommender,
        "changed": list(found.changed),
        "effect": found.effect,
        "baseline_effect": found.effect_before,
        "loss": None if decision is None else decision.mean,
        "lower": None if decision is None else decision.lower,
        "upper": None if decision is None else decision.upper,
        "confidence": found.test.confidence,
        "margin": found.test.margin,
        "margin_share": found.share,
        "alpha": found.test.alpha,
        "power": 1.0 - found.test.beta,
        "replicates": 0 if decision is None else decision.n,
        "more_replicates": 0 if decision is None else decision.more,
        "identical": found.identical,
        "points": found.points,
        "patients": [asdict(one) for one in found.patients],
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
    if found.patients:
        table = patients_table(found)
        lines += ["", f"**{table.title}**", "", _escaped_table(table.heads, table.rows), ""]
        lines += [_cell(patients_note(found))]
    if found.changed:
        lines += ["", f"Changed in `[recommender]`: {_cell('; '.join(found.changed))}"]
    return "\n".join(lines) + "\n"


def junit(found: GateResult, baseline: Baseline, seconds: float) -> str:
    """Return JUnit XML: one test case, with a failure, or with an error where it is inconclusive.

    It is no skipped test, which would look like success to who reads the file alone.
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
    report = JUnitXml("selfback gate")
    report.add_testsuite(suite)
    report.update_statistics()  # type: ignore[no-untyped-call]
    text: bytes = report.tostring()  # type: ignore[no-untyped-call]
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text.decode("utf-8")}\n'


def _percent(share: float, decimals: int) -> str:
    return f"{fixed(100.0 * share, decimals)}%" if math.isfinite(share) else NONE


def _positive_is(found: GateResult) -> str:
    return "better" if INSTRUMENT_SCALES[found.outcome].higher_is_better else "worse"


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
