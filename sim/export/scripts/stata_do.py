"""A Stata do-file that reruns the primary analysis on exported data."""

from collections.abc import Mapping, Sequence

from analysis.contrasts.declared import Contrast
from sim.export.names import stata_names
from sim.export.scripts.layout import OWN, Layout
from sim.export.scripts.r_reading import Adam
from sim.export.scripts.r_text import comment
from sim.export.scripts.stata_reading import reading
from sim.export.scripts.words import cautions, described, no_standard_call

DO_FILE = "analysis.do"
_UNTRIED = (
    "This do-file has not been run in Stata: its tests check only that the files, columns and "
    "codes it names are in the export, and what it says of equal numbers follows from what the "
    "commands are defined to do. The R script beside it is run and compared."
)
_PARQUET = (
    "Stata has no command that reads Parquet: export the trial again with --export dta, whose "
    "do-file reads its files."
)
_GEE = (
    "xtgee may scale robust errors by a factor for the number of participants; those of the table "
    "estimates have none."
)


def do_file(
    layout: Layout, export: str, tables: Mapping[str, Sequence[str]], adam: Adam | None = None
) -> str:
    """Return the do-file; parameters as of :func:`sim.export.scripts.r_reading.reading`."""
    if layout.model is None:
        return no_standard_call(layout, "Stata", "*")
    head = [described(layout, "*"), comment(_UNTRIED, "*")]
    if export == "parquet":
        return "\n".join([*head, comment(_PARQUET, "*"), "exit 198", ""])
    words = cautions(layout, kenward_roger=True)
    if layout.model in {"marginal", "risk difference"}:
        words.append(_GEE)
    head += [comment(each, "*") for each in words]
    called = stata_names([*OWN, *(each.name for each in layout.covariates)])
    named = {each.name: called[each.name] for each in layout.covariates}
    parts = [
        "\n".join(head),
        "version 16\nclear all\nset more off",
        reading(layout, export, tables, named, adam),
        _model(layout, named),
    ]
    return "\n\n".join(parts) + "\n"


def _model(layout: Layout, called: Mapping[str, str]) -> str:
    covariates = [
        f"i.{called[each.name]}" if each.levels else f"c.{called[each.name]}"
        for each in layout.covariates
    ]
    match layout.model:
        case "baseline adjusted" | "change":
            return _at_one_visit(layout, covariates)
        case "risk difference":
            return _risks(layout, covariates)
    return _by_visit(layout, covariates)


def _by_visit(layout: Layout, covariates: list[str]) -> str:
    """Return the model of all visits, with a column for each arm at each visit."""
    codes = _codes(layout)
    compared = [(visit, code) for visit, code in codes.items() if code > 0]
    last = codes[layout.plan.primary_visit]
    if layout.model == "negative binomial":
        compared = [(layout.plan.primary_visit, last)]
    arms = range(1, len(layout.arms))
    lines = [
        f"keep if {_among('visit', [code for _, code in compared] + [0] * layout.baseline)}",
        "drop if missing(score)",
        *(
            f"generate byte arm{arm}_visit{code} = arm == {arm} & visit == {code}"
            for _, code in compared
            for arm in arms
        ),
        f"local effects {' '.join(f'arm{a}_visit{c}' for _, c in compared for a in arms)}",
    ]
    right = "i.visit `effects'" if layout.model != "negative binomial" else "`effects'"
    if covariates and layout.by_visit:
        right += f" i.visit#({' '.join(covariates)}) {' '.join(covariates)}"
    elif covariates:
        right += f" {' '.join(covariates)}"
    small = layout.plan.small_sample if layout.degrees_of_freedom else "none"
    method = "reml" if layout.restricted else "mle"
    df = {"satterthwaite": " dfmethod(satterthwaite)", "kenward-roger": " dfmethod(kroger)"}
    level = f"level({100 * layout.plan.confidence:g})"
    if layout.model == "random intercept":
        lines.append(f"mixed score {right} || participant:, {method}{df.get(small, '')} {level}")
    elif layout.model == "repeated measures":
        start = "" if layout.baseline else " c.start i.visit#c.start"
        lines.append(
            f"mixed score {right}{start} || participant:, noconstant "
            f"residuals(unstructured, t(visit)) {method}{df.get(small, '')} {level}"
        )
    elif layout.model == "negative binomial":
        lines.append(f"nbreg score {right}, dispersion(mean) {level}")
    else:
        counts = layout.outcome.kind == "count"
        family = "family(poisson) link(log)" if counts else "family(binomial) link(logit)"
        how = "corr(exchangeable) vce(robust) tolerance(1e-12)"
        lines += ["xtset participant visit", f"xtgee score {right}, {family} {how} {level}"]
    option = ", small" if small != "none" else ""
    for visit, code in compared:
        for each in layout.contrasts:
            terms = _sum(each, "arm{arm}_visit" + str(code))
            lines += [comment(f"{visit}: {each.name}", "*"), f"lincom {terms}{option}"]
    return "\n".join(lines)


def _at_one_visit(layout: Layout, covariates: list[str]) -> str:
    code = _codes(layout)[layout.plan.primary_visit]
    adjusted = " ".join(["i.arm", "start", *covariates])
    model = f"score {adjusted}" if layout.model == "baseline adjusted" else "change i.arm"
    lines = [
        f"keep if visit == {code} & !missing(score, start)",
        "generate double change = score - start",
        f"regress {model}, level({100 * layout.plan.confidence:g})",
    ]
    for each in layout.contrasts:
        lines += [
            comment(f"{layout.plan.primary_visit}: {each.name}", "*"),
            f"lincom {_sum(each, '{arm}.arm')}",
        ]
    return "\n".join(lines)


def _risks(layout: Layout, covariates: list[str]) -> str:
    codes = [code for code in _codes(layout).values() if code > 0]
    right = " ".join(["i.arm##i.visit", *covariates])
    level = f"level({100 * layout.plan.confidence:g})"
    how = "family(binomial) link(logit) corr(exchangeable) vce(robust) tolerance(1e-12)"
    lines = [
        f"keep if {_among('visit', codes)}",
        "drop if missing(score)",
        "xtset participant visit",
        f"xtgee score {right}, {how}",
    ]
    for each in layout.contrasts:
        weights = " ".join(f"{weight:.17g}" for weight in each.weights)
        lines += [
            comment(f"all visits: {each.name}", "*"),
            f"margins {{arm {weights}}}, over(visit) {level}",
        ]
    return "\n".join(lines)


def _codes(layout: Layout) -> dict[str, int]:
    first = 0 if layout.baseline else 1
    return {visit: code for code, visit in enumerate(layout.visits, start=first)}


def _among(name: str, codes: Sequence[int]) -> str:
    return f"inlist({name}, {', '.join(str(code) for code in sorted(codes))})"


def _sum(contrast: Contrast, column: str) -> str:
    """Return a weighted sum of the arms' effects against the reference."""
    terms = [
        f"{weight:.17g}*{column.format(arm=arm)}"
        for arm, weight in enumerate(contrast.weights)
        if arm and weight
    ]
    return " + ".join(terms).replace("+ -", "- ")
