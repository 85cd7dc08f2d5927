"""Reports of what carries the effect, and whom it helps: components and subgroups."""

from analysis.figures.components import draw_components
from analysis.report.numbers import fixed
from analysis.report.page.document import Picture, Section
from sim.front.designs.components import Components
from sim.front.designs.subgroups import Subgroups
from sim.front.reports.failures import all_failed, failures_section, told_of_failures
from sim.front.reports.opened import Opened
from sim.front.reports.recorded import recorded
from sim.front.reports.told import Told
from sim.replicates.component_effects import WHOLE
from sim.study.designs.components import summarize_components
from sim.study.designs.subgroups import summarize_subgroups
from sim.study.store.place import Place

WHOM = "Whom does the intervention help, and whom does it harm?"


def tell_components(opened: Opened) -> Told:
    """Return which component carries how much of an effect.

    Raises
    ------
    InputError
        If a table is missing or damaged.
    """
    scenario, folder = opened.scenario, opened.study.folder
    done = opened.manifest["study"]["replicate"]
    measured = scenario.outcome(done["outcome"])
    arm = opened.arm_labels[done["arm"]]
    question = f"Which components of {arm} carry its effect on {measured.label}?"
    if all_failed(opened):
        return told_of_failures(opened, question)
    table = summarize_components(folder, scenario.trial.sample_size, scenario.analysis.alpha)
    result = Components(
        scenario, done["arm"], done["outcome"], done["visit"], table,
        len(opened.study.failed), "", Place(folder),
    )  # fmt: skip
    parts = table[table["component"] != WHOLE]
    largest = parts.to_dict("records")[int(parts["part"].abs().to_numpy().argmax())]
    whole = table[table["component"] == WHOLE].to_dict("records")[0]
    carried, error = (100.0 * largest[name] for name in ("share", "share_error"))
    source = opened.traced("components.parquet")
    drawn = draw_components(
        list(parts["component"]), list(parts["part"]), list(parts["part_error"]),
        title=result.title, unit=measured.unit,
    )  # fmt: skip
    picture = Picture(drawn, "Parts of the true effect, with 95% Monte Carlo intervals.", source)
    return Told(
        kind=f"Components, {opened.manifest['replicates']:,} simulated trials",
        question=question,
        verdict=(
            f"{str(largest['component']).replace('_', ' ').capitalize()} carries most: "
            f"{fixed(carried, 1)}% (Monte Carlo standard error {fixed(error, 1)}) of "
            f"{fixed(whole['part'], 2)} {measured.unit} at {done['visit']}."
        ),
        sections=[
            Section("Parts of the effect", [picture, *recorded(result, source)]),
            failures_section(opened),
        ],
    )


def tell_subgroups(opened: Opened) -> Told:
    """Return effects in subgroups.

    Raises
    ------
    InputError
        If a table is missing or damaged.
    """
    scenario, folder = opened.scenario, opened.study.folder
    if all_failed(opened):
        return told_of_failures(opened, WHOM)
    table = summarize_subgroups(folder)
    result = Subgroups(scenario, table, len(opened.study.failed), "", Place(folder))
    peopled = table[table["worse"].notna()]  # nobody is in the others
    worst = peopled.to_dict("records")[int(peopled["worse"].to_numpy().argmax())]
    worse, error, better = (100.0 * worst[name] for name in ("worse", "worse_error", "better"))
    named = f"{worst['trait']} {worst['subgroup']}".strip()
    return Told(
        kind=f"Subgroups, {opened.manifest['replicates']:,} simulated trials",
        question=WHOM,
        verdict=(
            f"In these trials nobody scores worse at {scenario.analysis.primary_visit} with the "
            "intervention than without it, in any of the subgroups."
        )
        if not worse
        else (
            f"Most would score worse with the intervention among {named}: "
            f"{fixed(worse, 1)}% of participants (Monte Carlo standard error {fixed(error, 1)}), "
            f"and {fixed(better, 1)}% better."
        ),
        sections=[
            Section("Subgroups", recorded(result, opened.traced("subgroups.parquet"))),
            failures_section(opened),
        ],
    )
