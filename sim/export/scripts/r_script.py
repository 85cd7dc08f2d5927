"""An R script that reruns the primary analysis on exported data."""

from collections.abc import Mapping, Sequence

from analysis.contrasts.labels import contrast_label
from sim.export.scripts.layout import Layout
from sim.export.scripts.r_models import model
from sim.export.scripts.r_packages import FITTING, READING
from sim.export.scripts.r_reading import Adam, reading
from sim.export.scripts.r_text import comment, text, vector
from sim.export.scripts.words import cautions, described, no_standard_call

R_SCRIPT = "analysis.R"
_PRINT = """\
rownames(result) <- NULL
options(width = 120)
print(result, digits = 8)
# With a file as its argument the script also writes the numbers there, in full.
file <- commandArgs(trailingOnly = TRUE)
if (length(file)) write.csv(format(result, digits = 17), file[1], row.names = FALSE)
"""


def r_script(
    layout: Layout, export: str, tables: Mapping[str, Sequence[str]], adam: Adam | None = None
) -> str:
    """Return the script; parameters as of :func:`sim.export.scripts.r_reading.reading`."""
    if layout.model is None:
        return no_standard_call(layout, "R", "#")
    packages = (*READING[export], *FITTING.get(layout.model, ()))
    needs = f"It needs {' and '.join(packages)}. " if packages else ""
    head = [
        described(layout, "#"),
        comment(f"{needs}Run it in the folder of the data: Rscript {R_SCRIPT}"),
        *(comment(words) for words in cautions(layout)),
    ]
    contrasts = ",\n".join(
        f"  {text(contrast_label(layout.scale, each))} = {vector(each.weights)}"
        for each in layout.contrasts
    )
    settings = [
        f"arms <- {vector(layout.arms)}  # the reference first",
        f"visits <- {vector(layout.visits)}",
        f"contrasts <- list(  # weights of the arms\n{contrasts}\n)",
        f"confidence <- {layout.plan.confidence:g}",
        f"covariates <- {_names(layout)}",
    ]
    parts = [
        "\n".join(head), "\n".join(settings), reading(layout, export, tables, adam),
        model(layout), _PRINT,
    ]  # fmt: skip
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _names(layout: Layout) -> str:
    names = [each.called for each in layout.covariates]
    return vector(names) if names else "character(0)"
