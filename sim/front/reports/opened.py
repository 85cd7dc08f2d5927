"""Opens a results folder for a report: which kind it is, and what is in it, all of it checked."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from scenarios.errors import InputError
from scenarios.loading.provenance import Parameter
from scenarios.schema import Scenario
from scenarios.targets import Target, load_published
from sim.front.performance import Performance, performance
from sim.front.reports.sources import parameters_in
from sim.study.store.manifest_file import MANIFEST
from sim.study.store.reading import KeptStudy, whole_content

CHANGED = "; changed: "
"""Stands in a title before what was set by hand."""
FLOW, SUMMARIES, ESTIMATES, FAILURES = (
    "flow.parquet", "summaries.parquet", "estimates.parquet", "failures.parquet",
)  # fmt: skip
"""Files of a study."""
RUN, VALIDATION, TRIAL = "run", "validate", "trial"
COMPONENTS, SUBGROUPS = "components", "subgroups"
GRID, SEARCH, COMPARISON, CALIBRATION, ASSURANCE, SENSITIVITY = (
    "power", "search", "compare", "calibrate", "assurance", "sensitivity",
)  # fmt: skip
OF_STUDY = (GRID, SEARCH, COMPARISON, CALIBRATION, ASSURANCE, SENSITIVITY)
"""Keys of a manifest's ``study`` that say what was done."""
READERS: Mapping[str, Callable[[BytesIO], pd.DataFrame]] = {
    ".parquet": pd.read_parquet, ".csv": pd.read_csv, ".dta": pd.read_stata,
}  # fmt: skip
"""What reads tables, by the ending of their files."""
OF_REPLICATES = {
    "AtDraws": VALIDATION, "Compared": VALIDATION, "ComponentsReplicate": COMPONENTS,
    "SubgroupReplicate": SUBGROUPS,
}  # fmt: skip
"""What a study of many trials is for, by what was done with each."""


@dataclass(frozen=True)
class Opened:
    """A results folder that is there.

    Attributes
    ----------
    study
        As it was read, with its manifest.
    kind
        What was done, one of the names of this module.
    """

    study: KeptStudy
    kind: str

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Of the folder."""
        return self.study.manifest

    @cached_property
    def scenario(self) -> Scenario:
        """What was simulated.

        Raises
        ------
        InputError
            If this version of the software has other scenarios.
        """
        try:
            return Scenario.model_validate_json(json.dumps(self.study.scenario), strict=True)
        except ValueError as error:
            raise InputError(
                f"{self.study.folder / MANIFEST}: the scenario is none of this version: "
                f"{str(error).splitlines()[0]}: run it again, or use the version it is of"
            ) from None

    @cached_property
    def targets(self) -> Sequence[Target]:
        """Published numbers of the scenario; none where there are none."""
        published = self.scenario.published
        return load_published(published).targets if published else ()

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What was simulated, with sources; see :func:`sim.front.reports.sources.parameters_in`."""
        return parameters_in(self.manifest)

    @cached_property
    def performance(self) -> Performance:
        """How the analyses of the primary outcome perform.

        Raises
        ------
        InputError
            If a table is missing or damaged.
        """
        return performance(self.study.folder)

    @property
    def arm_labels(self) -> dict[str, str]:
        """Name of each arm to its label, the reference first."""
        return {arm.name: arm.label for arm in self.scenario.arms}

    @property
    def base_title(self) -> str:
        """Title of the scenario without what was changed in it, which is what was asked about."""
        return self.scenario.title.partition(CHANGED)[0]

    @property
    def source(self) -> str:
        """Which scenario numbers are of, in words."""
        return f"scenario {self.manifest['scenario_hash'][:12]}"

    def traced(self, *files: str) -> str:
        """Return where numbers are from: files of the folder, and the scenario's hash."""
        return f"{', '.join(files)}; {self.source}"

    def read_json(self, name: str) -> dict[str, Any]:
        """Return the content of a JSON file that the manifest names.

        Raises
        ------
        InputError
            If it is missing, damaged, or of a version whose manifest has no checksum of it.
        """
        found: dict[str, Any] = json.loads(self._content(name).to_pybytes())
        return found

    def read_table(self, name: str) -> pd.DataFrame:
        """Return a table of Parquet, CSV or Stata that the manifest names.

        Raises
        ------
        InputError
            As of :meth:`read_json`.
        """
        read = READERS[Path(name).suffix]
        table: pd.DataFrame = read(BytesIO(self._content(name).to_pybytes()))
        return table

    def _content(self, name: str) -> pa.Buffer:
        said = self.manifest.get("tables", {}).get(name)
        if said is None:
            raise InputError(
                f"{self.study.folder / MANIFEST} has no checksum of {name}: it was made by an "
                "earlier version: run the study again with --overwrite"
            )
        return whole_content(self.study.folder / name, said)


def open_folder(folder: Path, option: str = "") -> Opened:
    """Open a results folder.

    Parameters
    ----------
    folder
        Of any kind of study, or of a single trial.
    option
        How it was given, for messages, if not as the argument that a command is about.

    Raises
    ------
    InputError
        If it is none, is not finished, is damaged, or is of a kind that has no report.
    """
    study = KeptStudy(folder, option)
    done = study.manifest.get("study")
    if done is None:
        return Opened(study, TRIAL)
    kind = next((key for key in OF_STUDY if key in done), "")
    if not kind and "replicate" in done:
        kind = _kind_of_replicates(done["replicate"])
    if not kind:
        what = ", ".join(map(str, done)) or "nothing"
        raise InputError(
            f"{folder} is of a kind that has no report ({what}): name a folder of run, power, "
            "compare, validate, calibrate or trial"
        )
    return Opened(study, kind)


def _kind_of_replicates(done: Any) -> str:
    """Return what a study of many trials is for, by what was done with each."""
    if done == "run_replicate":
        return RUN
    what = str(done.get("what")) if isinstance(done, Mapping) else ""
    return OF_REPLICATES.get(what, "")
