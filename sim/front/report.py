"""``report``: what a results folder shows, as one file for people."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from analysis.report.page.document import Report
from analysis.report.page.formats import FORMATS, HTML
from scenarios.errors import InputError
from sim.front.reports.build import build_report
from sim.front.reports.written import check_ending, write_report
from sim.front.results import Shown
from sim.study.store.folder import check_new_file


@dataclass(frozen=True, slots=True)
class ReportFile(Shown):
    """A report that was written.

    Attributes
    ----------
    file
        Where it is.
    report
        What is in it.
    """

    file: Path
    report: Report = field(repr=False)

    @property
    def verdict(self) -> str:
        """The answer, in a sentence."""
        return self.report.verdict

    def print_to(self, console: Console) -> None:
        """Print the question and the answer."""
        console.print(self.report.question)
        console.print(self.report.verdict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain texts, ready for JSON."""
        return {
            "file": str(self.file),
            "kind": self.report.kind,
            "question": self.report.question,
            "verdict": self.report.verdict,
        }


def report(
    directory: str | Path,
    format: str | None = None,  # noqa: A002 - as the option is called
    *,
    sensitivity: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
) -> ReportFile:
    """Write the report of a results folder.

    Parameters
    ----------
    directory
        Of a study of any kind, or of a single trial.
    format
        ``"html"``, ``"pdf"`` or ``"docx"``; by default by the ending of `out`, without it HTML.
    sensitivity
        Folder of :func:`sim.front.designs.sensitivity.sensitivity`, by which assumptions are
        ranked.
    out, overwrite
        A file to write, whose ending is that of the format, and whether to replace one; by default
        ``report.FORMAT`` in the folder, which is replaced, since it is made of what else is there.

    Raises
    ------
    InputError
        If the folder is none of results, is not finished or damaged, the format is unknown or needs
        an extra that is not installed, the sensitivity is that of a scenario that is unlike, or the
        file cannot be written.
    """
    if format not in (None, *FORMATS):
        raise InputError(f"--format {format} is not allowed: must be {' or '.join(FORMATS)}")
    folder = Path(directory)
    if out is None:
        file = folder / f"report.{format or HTML}"
    else:
        file = Path(out)
        check_new_file("--out", file, overwrite=overwrite)
        ending = check_ending("--out", file)
        if ending != (format or ending):
            raise InputError(
                f"--out {file} with --format {format} is not allowed: its ending is another"
            )
    made = build_report(folder, None if sensitivity is None else Path(sensitivity))
    write_report(made, file)
    return ReportFile(file, made)
