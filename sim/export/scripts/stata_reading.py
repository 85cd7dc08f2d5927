"""The part of a do-file that reads exported files into a row a participant and visit."""

from collections.abc import Mapping, Sequence

from analysis.data.trial_data import BASELINE
from sim.export.names import sas_names, stata_names
from sim.export.scripts.layout import Layout
from sim.export.scripts.r_reading import Adam


def stata_text(value: str) -> str:
    """Return a text as an expression; marks that Stata would expand are written by their codes.

    >>> stata_text("5 $"), stata_text("blå")
    ('"5 " + char(36)', '"blå"')
    """
    parts, plain = [], ""
    for one in value:
        if one in "\"$`'\\" or not one.isprintable():
            parts += [f'"{plain}"'] if plain else []
            parts.append(f"char({ord(one)})" if ord(one) < 128 else f"uchar({ord(one)})")
            plain = ""
        else:
            plain += one
    return " + ".join([*parts, f'"{plain}"'] if plain or not parts else parts)


def reading(
    layout: Layout, export: str, tables: Mapping[str, Sequence[str]], called: Mapping[str, str],
    adam: Adam | None = None,
) -> str:  # fmt: skip
    """Return the commands that leave participant, arm, visit, score, start and the covariates.

    Arms, visits and levels are codes from 0.

    Parameters
    ----------
    layout, export, tables, adam
        As of :func:`sim.export.scripts.r_reading.reading`.
    called
        Covariate to its name in the do-file.
    """
    if adam is not None:
        return _adam(layout, called, adam)
    people, visits = tables["participants"], tables["visits"]
    own = [each for each in layout.covariates if not each.at_baseline]
    scores = [each for each in layout.covariates if each.at_baseline]
    levels = {each.name: each.levels for each in own if each.levels}
    visit_names = _visit_names(layout)
    wanted = {"participant": "participant", "arm": "arm", **{c.name: called[c.name] for c in own}}
    lines = _table("participants", export, people, wanted, {"arm": layout.arms, **levels})
    lines += ["tempfile people", "save `people'"]
    asked = {
        "participant": "participant", "visit": "visit", layout.outcome.name: "score",
        **{c.name: called[c.name] for c in scores if c.name != layout.outcome.name},
    }  # fmt: skip
    lines += ["", *_table("visits", export, visits, asked, {"visit": visit_names})]
    lines += _at_baseline([*asked.values()][2:])
    lines += [
        f"generate double {called[c.name]} = start" for c in scores if c.name == layout.outcome.name
    ]
    return "\n".join([*lines, *_joined(layout, called)])


def _table(
    file: str, export: str, columns: Sequence[str], wanted: Mapping[str, str],
    levels: Mapping[str, Sequence[str]],
) -> list[str]:  # fmt: skip
    """Return the commands that read a table and leave some columns, under the names wanted."""
    if export == "dta":
        names = stata_names(columns)
        kept = [names[column] for column in wanted]
        renamed = [
            f"rename {names[column]} {name}"
            for column, name in wanted.items()
            if names[column] != name
        ]
        return [f"use {' '.join(kept)} using {file}.dta, clear", *renamed]
    if export == "csv":
        first = f"import delimited using {file}.csv, varnames(nonames) rowrange(2:) "
        lines = [first + 'stringcols(_all) bindquotes(strict) encoding("UTF-8") clear']
        names = {column: f"v{number}" for number, column in enumerate(columns, start=1)}
    else:
        lines = [f"import sasxport5 {file}.xpt, clear", "rename *, lower"]
        names = {column: name.lower() for column, name in sas_names(columns).items()}
    lines.append(f"keep {' '.join(names[column] for column in wanted)}")
    # By way of other names, which no column of the file has.
    lines += [
        f"rename {names[column]} from_{number}" for number, column in enumerate(wanted, start=1)
    ]
    for number, (column, name) in enumerate(wanted.items(), start=1):
        if column in levels:
            lines += _coded(f"from_{number}", name, levels[column])
        elif export == "csv":
            lines.append(f"destring from_{number}, generate({name})")
        else:
            lines.append(f"rename from_{number} {name}")
    return lines


def _coded(text: str, name: str, levels: Sequence[str]) -> list[str]:
    return [
        f"generate int {name} = .",
        *(
            f"replace {name} = {code} if {text} == {stata_text(level)}"
            for code, level in enumerate(levels)
        ),
    ]


def _at_baseline(scores: Sequence[str]) -> list[str]:
    """Return the commands that repeat scores of the baseline at all visits of a participant."""
    lines = []
    for name in scores:
        first = "start" if name == "score" else name
        lines += [
            f"generate double at_first = {name} if visit == 0",
            *([] if first == "start" else [f"drop {name}"]),
            f"egen double {first} = max(at_first), by(participant)",
            "drop at_first",
        ]
    return lines


def _joined(layout: Layout, called: Mapping[str, str]) -> list[str]:
    names = [called[each.name] for each in layout.covariates]
    lines = ["merge m:1 participant using `people', keep(match) nogenerate"]
    return [*lines, f"drop if missing({', '.join(names)})"] if names else lines


def _visit_names(layout: Layout) -> tuple[str, ...]:
    return layout.visits if layout.baseline else (BASELINE, *layout.visits)


def _adam(layout: Layout, called: Mapping[str, str], adam: Adam) -> str:
    lines = ["import sasxport5 adsl.xpt, clear", "rename *, lower"]
    own = [each for each in layout.covariates if not each.at_baseline]
    kept = ["usubjid", "trt01pn", *(adam.columns[each.name].lower() for each in own)]
    lines.append(f"keep {' '.join(kept)}")
    # By way of other names, which no column of the file has.
    lines += [
        f"rename {adam.columns[each.name].lower()} from_{number}"
        for number, each in enumerate(own, start=1)
    ]
    for number, each in enumerate(own, start=1):
        if each.levels:
            lines += _coded(f"from_{number}", called[each.name], adam.texts[each.name])
        else:
            lines.append(f"rename from_{number} {called[each.name]}")
    lines += ["generate byte arm = trt01pn - 1", "tempfile people", "save `people'"]
    scores = {"score": layout.outcome.name}
    scores |= {called[each.name]: each.name for each in layout.covariates if each.at_baseline}
    lines += ["", "import sasxport5 adqs.xpt, clear", "rename *, lower"]
    for name, outcome in scores.items():
        if name != "score":
            parameter = adam.paramcd[outcome]
            lines += [
                f'generate double at_first = aval if paramcd == "{parameter}" & avisitn == 0',
                f"egen double {name} = max(at_first), by(usubjid)",
                "drop at_first",
            ]
    lines += [
        f'keep if paramcd == "{adam.paramcd[layout.outcome.name]}"',
        "rename (avisitn aval) (visit score)",
        "rename base start",
        f"keep usubjid visit {' '.join(scores)} start",
        "merge m:1 usubjid using `people', keep(match) nogenerate",
        "encode usubjid, generate(participant)",
    ]
    names = [called[each.name] for each in layout.covariates]
    return "\n".join([*lines, *([f"drop if missing({', '.join(names)})"] if names else [])])
