"""``selfback trial``: simulate and analyse one trial, and export its data."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from analysis.figures.patients import draw_patients
from analysis.replicates.study_folder import MANIFEST
from analysis.report.print_looks import print_held
from analysis.report.report_trial import print_trial
from recommender.protocol import RecommenderError
from scenarios.arms import ARM_CODES
from scenarios.errors import one_line
from scenarios.schema import Scenario
from sim.cli.output import print_json, say, stdout_console
from sim.recommenders.own import try_out
from sim.replicates.analysed import AnalysedTrial, run_trial
from sim.study.folder import new_folder, write_json
from sim.study.manifest import describe_run
from sim.tables.trial_tables import flow_counts

PATIENTS = "patients.png"
DRAWN_OF_EACH_ARM = 6


def trial(
    scenario: Scenario,
    *,
    replicate: int,
    out: Path | None,
    export: str,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Run one trial, print its flow and tables, write its data if asked; return the exit code.

    The code is 1 if a recommender of one's own fails in the trial.

    Raises
    ------
    InputError
        If the folder cannot be written, or the recommender cannot be had.
    """
    try_out(scenario)
    try:
        result = _run(scenario, replicate, out, export=export, overwrite=overwrite)
    except RecommenderError as error:
        say(f"replicate {replicate} failed: {one_line(str(error))}")
        return 1
    if as_json:
        print_json(_numbers(scenario, result))
        return 0
    flow = flow_counts(result.trial)
    print_trial(
        result.data, scenario.analysis, result.analysis, result.checks, flow, stdout_console()
    )
    if result.looks is not None:
        print_held(result.looks, stdout_console())
    if out is not None:
        drawn = f"{PATIENTS} of {2 * DRAWN_OF_EACH_ARM} participants"
        say(f"the trial's data, and {drawn}, are in {out}")
    return 0


def _run(
    scenario: Scenario, replicate: int, out: Path | None, *, export: str, overwrite: bool
) -> AnalysedTrial:
    """Simulate and analyse the trial; write its data if asked."""
    if out is None:
        result = run_trial(scenario, replicate)
    else:
        started = datetime.now(tz=UTC)
        with new_folder(out, overwrite=overwrite) as folder:
            result = run_trial(scenario, replicate)
            tables = result.data_tables()
            for name, table in {**tables, **result.result_tables()}.items():
                _write(table, folder / f"{name}.{export}")
            if "symptoms" in tables:
                draw_patients(tables, _some_of_each_arm(result), folder / PATIENTS)
            manifest = describe_run(scenario, first=replicate, replicates=1, started=started)
            write_json(folder / MANIFEST, manifest)
    return result


def _some_of_each_arm(result: AnalysedTrial) -> list[int]:
    """Return the first participants of each arm, in order of randomization."""
    first = [
        result.data.participant[result.data.arm == arm][:DRAWN_OF_EACH_ARM] for arm in ARM_CODES
    ]
    return sorted(int(participant) for arm in first for participant in arm)


def _write(table: pa.Table, path: Path) -> None:
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        pq.write_table(table, path)


def _numbers(scenario: Scenario, result: AnalysedTrial) -> dict[str, object]:
    tables = result.result_tables()
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "replicate": result.trial.replicate,
        "flow": flow_counts(result.trial),
        "estimates": tables["estimates"].to_pylist(),
        "looks": tables["looks"].to_pylist() if "looks" in tables else [],
        "summaries": tables["summaries"].to_pylist(),
    }
