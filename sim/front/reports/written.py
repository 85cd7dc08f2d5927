"""Writes a report as a file of one of its formats."""

from collections.abc import Callable, Mapping
from pathlib import Path

from analysis.report.page.document import Report
from analysis.report.page.formats import FORMATS, HTML, PDF, WORD
from analysis.report.page.html import html_page
from analysis.report.page.pdf import pdf_page
from analysis.report.page.word import word_page
from scenarios.errors import InputError
from sim.study.failed import machine_failure
from sim.study.store.durable import written

WRITERS: Mapping[str, Callable[[Report], bytes]] = {
    HTML: lambda made: html_page(made).encode(),
    PDF: pdf_page,
    WORD: word_page,
}


def check_ending(option: str, file: Path) -> str:
    """Return the format that the ending of a file chooses.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    ending = file.suffix.removeprefix(".").lower()
    if ending not in WRITERS:
        allowed = ", ".join(f".{name}" for name in FORMATS)
        raise InputError(f"{option} {file} is not allowed: must end in one of {allowed}")
    return ending


def write_report(report: Report, file: Path) -> None:
    """Write a report, whole or not at all.

    Parameters
    ----------
    report, file
        What, and where to: the ending is the format, and an older file is replaced.

    Raises
    ------
    InputError
        If there is no such format, it needs an extra that is not installed, or the file cannot be
        written.
    """
    content = WRITERS[check_ending("file", file)](report)
    try:
        with written(file, sync=False) as opened:
            opened.write(content)
    except OSError as error:
        if machine_failure(error):
            raise
        raise InputError(f"{file} cannot be written: {error.strerror}: name another file") from None
