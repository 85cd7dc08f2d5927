"""Damages the files of studies and reads them: `python checks/damage.py`.

One bit of a file is turned, or a file is cut short, and every command that reads the study is
given. It has to print what it prints of the whole study, or one line with the file, and end with
exit code 2. A damaged record of an unfinished study has to be simulated again. The exit code is 1
if anything else happens. A short form is in tests/sim/study/store.
"""

import io
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from kit.scratch import scratch
from kit.tries import AT_ONCE, SEED, at_random, in_parallel, options

from scenarios.errors import InputError
from scenarios.loading.layers import merge
from sim.cli import call
from sim.study import groups, missing
from sim.study.designs.posterior import posterior_overrides
from sim.study.gate.baseline_file import read_baseline
from sim.study.store.manifest_file import write_manifest
from sim.study.store.tables import table_checksums

STUDY = (
    "selfback_2021", "--set", "trial.sample_size=40", "--set", 'published="selfback_2021"',
    "--set", "truth=true", "--jobs=1",
)  # fmt: skip
SMALL = ("planned_2018", "--set", "trial.sample_size=40", "--jobs=1")
BASELINE = Path(__file__).resolve().parents[1] / "results" / "baselines" / "selfback_2021.json"

Told = tuple[int, str, str]
"""Exit code, what is printed as the result, and remarks."""
Reader = Callable[[], Told]
GOOD = {"same", "refused"}
"""What may become of a reading."""


def command(*arguments: str, tables_of: str = "") -> Reader:
    """Return what gives a command; its result is what it prints, or the tables that it makes."""

    def read() -> Told:
        out, err = io.StringIO(), io.StringIO()
        # A command that is given again goes to the folder where it was given.
        with redirect_stdout(out), redirect_stderr(err), chdir(Path.cwd()):
            code = call(list(arguments))
        result = out.getvalue()
        if tables_of:
            made = {file.name: file.read_bytes() for file in Path(tables_of).rglob("*.parquet")}
            result = str(sorted(made.items()))
        return code, result, err.getvalue()

    return read


def function(read: Callable[[], object]) -> Reader:
    """Return what calls a function whose result a command computes with for minutes."""

    def told() -> Told:
        try:
            return 0, str(read()), ""
        except InputError as error:
            return 2, "", f"selfback: {error}\n"

    return told


@dataclass(frozen=True)
class Subject:
    """A folder that is damaged, and what reads it.

    Attributes
    ----------
    name
        Of the folder, in the working folder.
    files
        Patterns of the files that are read.
    readers
        What to call it, to what reads it.
    """

    name: str
    files: tuple[str, ...]
    readers: dict[str, Reader]

    def restore(self) -> list[Path]:
        """Put the folder back as it was; return the files that are damaged, in turn."""
        for name in (self.name, f"{self.name}.new"):
            shutil.rmtree(name, ignore_errors=True)
        shutil.copytree(f"{self.name} as it was", self.name)
        found = [file for pattern in self.files for file in Path(self.name).rglob(pattern)]
        return sorted(set(found))


@dataclass(frozen=True)
class Case:
    """One damage: its number, what is done to a file, and the seed of what is chosen at random."""

    number: int
    way: Callable[[Path, random.Random], str]
    seed: int


def subjects() -> Iterator[Subject]:
    """Make the folders in the working folder."""
    quiet(*("run", *STUDY, "--replicates=6", "--out=study"))
    yield Subject(
        "study",
        ("*.parquet", "manifest.json"),
        {
            "performance": command("performance", "study", "--json"),
            "validate": command("validate", "--from", "study", "--json"),
            "replay": command("replay", "study", "--participant=1", "--json"),
            "status": command("status", "study", "--json"),
            "resume": command("resume", "study", tables_of="study"),
            "grow": command("grow", "study", "--replicates=7", tables_of="study"),
        },
    )
    quiet("compare", "planned_2018", "null_effect", *SMALL[1:], "--replicates=4", "--out=compared")
    yield Subject(
        "compared",
        ("*.parquet", "manifest.json"),
        {
            "grow compare": command("grow", "compared", "--replicates=5", tables_of="compared"),
            "performance of a part": command("performance", "compared/B", "--json"),
        },
    )
    quiet("trial", "planned_2018", "--out=trial", "--export=csv")
    yield Subject(
        "trial",
        ("participants.csv", "visits.csv", "manifest.json"),
        {"analyse": command("analyse", "trial/participants.csv", "trial/visits.csv", "--json",
                            "--plan=planned_2018")},
    )  # fmt: skip
    posterior = Path("posterior")
    posterior.mkdir()
    source = BASELINE.parents[2] / "scenarios" / "calibration" / "selfback_2021.posterior.parquet"
    pd.read_parquet(source).to_parquet(posterior / "posterior.parquet", index=False)
    write_manifest(posterior, {"tables": table_checksums(posterior)}, sync=False)
    data = merge("selfback_2021", ()).data
    sample = posterior / "posterior.parquet"
    yield Subject(
        "posterior",
        ("*",),
        {"assurance --posterior": function(lambda: posterior_overrides(sample, data, sets=20))},
    )
    Path("baseline").mkdir()
    shutil.copy(BASELINE, "baseline")
    file = Path("baseline") / BASELINE.name
    yield Subject("baseline", ("*",), {"gate --baseline": function(lambda: read_baseline(file))})
    interrupt_at_half()
    yield Subject(
        "unfinished",
        ("*.shard",),
        {"resume of what is unfinished": command("resume", "unfinished", tables_of="unfinished")},
    )


def quiet(*arguments: str) -> None:
    """Give a command that has to succeed."""
    code, _, told = command(*arguments)()
    if code:
        raise RuntimeError(f"{arguments}: {told}")


def interrupt_at_half() -> None:
    """Make a study of which the first chunks are kept."""
    real, target = missing.on_kept, groups.TARGET

    def interrupt(study: object, done: int) -> None:
        real(study, done)
        if study.tally.kept >= 30:
            raise KeyboardInterrupt

    missing.on_kept, groups.TARGET = interrupt, 1e-9
    try:
        code, _, _ = command("run", *SMALL, "--replicates=60", "--out=unfinished")()
    finally:
        missing.on_kept, groups.TARGET = real, target
    if code != 130:
        raise RuntimeError(f"the study was not interrupted: exit code {code}")


def turn_a_bit(file: Path, generator: random.Random) -> str:
    """Turn one bit of a file; return what was done."""
    content = bytearray(file.read_bytes())
    place, bit = generator.randrange(len(content)), generator.randrange(8)
    content[place] ^= 1 << bit
    file.write_bytes(content)
    return f"bit {bit} of byte {place} turned"


def cut_short(file: Path, generator: random.Random) -> str:
    """Cut a file short; return what was done."""
    size = generator.randrange(file.stat().st_size)
    with file.open("r+b") as opened:
        opened.truncate(size)
    return f"cut to {size} bytes"


def judge(told: Told, whole: Told, file: Path) -> str:
    """Return what became of a reading, in a word or two."""
    code, result, err = told
    if "Traceback" in err or code not in (0, 2):
        return "traceback"
    if code == 0:
        return "same" if result == whole[1] else "OTHER NUMBERS"
    lines = [line for line in err.splitlines() if line.startswith("selfback: ")]
    named = lines and (file.name in lines[0] or file.parent.name in lines[0])
    return "refused" if named else "refused without the file"


def damaged(
    above: Path, made: list[Subject], whole: dict[str, Told], cases: list[Case]
) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Damage and read, in a folder of its own.

    Returns
    -------
    How often a reader did what, and a line for each reading that is wrong.
    """
    found: Counter[tuple[str, str]] = Counter()
    wrong = []
    folder = above / f"from case {cases[0].number}"
    shutil.copytree(above / "subjects", folder)
    with chdir(folder):
        for case in cases:
            subject = made[case.number % len(made)]
            files = subject.restore()
            file = files[case.number // len(made) % len(files)]
            for name, reader in subject.readers.items():
                subject.restore()
                # Every reader meets the same damage.
                done = case.way(file, at_random(case.seed, "damage", case.number))
                read = reader()
                told = judge(read, whole[name], file)
                found[name, told] += 1
                if told not in GOOD:
                    wrong.append(f"{name}: {told}: {file}, {done}: {read[2][:300]}")
    return found, wrong


def main() -> int:
    """Damage and read; return 1 if a damaged study is read with other numbers or a traceback."""
    given = options(__doc__, flips=200, cuts=100, seed=SEED, at_once=AT_ONCE)
    with scratch() as above:
        (above / "subjects").mkdir()
        with chdir(above / "subjects"):
            made = list(subjects())
            for subject in made:
                shutil.copytree(subject.name, f"{subject.name} as it was")
            whole = {}
            for subject in made:
                for name, reader in subject.readers.items():
                    subject.restore()
                    whole[name] = reader()
                    if whole[name][0]:
                        raise RuntimeError(f"{name}: {whole[name][2]}")
        ways = [turn_a_bit] * given.flips + [cut_short] * given.cuts
        cases = [Case(number, way, given.seed) for number, way in enumerate(ways)]
        parts = [cases[part :: given.at_once] for part in range(given.at_once)]
        results = [*in_parallel(partial(damaged, above, made, whole), parts, given.at_once)]
    found = sum((counts for counts, _ in results), Counter())
    for line in sorted(line for _, wrong in results for line in wrong):
        print(line)
    for (name, told), count in sorted(found.items()):
        print(f"{name:<30} {told:<26} {count}")
    bad = sum(count for (_, told), count in found.items() if told not in GOOD)
    print(f"{given.flips} bits turned, {given.cuts} files cut short: {sum(found.values())} "
          f"readings, {bad} with a traceback, other numbers or no file named")  # fmt: skip
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
