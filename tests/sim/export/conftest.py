from dataclasses import dataclass
from pathlib import Path

import pytest

import selfback as sb
from sim.export.write import write_export

QUICK = {"analysis.sensitivity": []}
"""Multiple imputation takes longer than all else."""
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Export a trial that is simulated once; return it and the folder."""

    made: dict[object, object] = {}

    def export(name: str, form: str, **changes: object):
        overrides = {key.replace("__", "."): value for key, value in changes.items()}
        key = repr((name, changes))
        if key not in made:
            made[key] = sb.trial(sb.scenario(name, {**QUICK, **overrides}))
        if (key, form) not in made:
            folder = made[key, form] = tmp_path_factory.mktemp(form)
            found = made[key].analysed
            write_export(folder, found.tables(), found, form)
        return made[key], made[key, form]

    return export


@dataclass(frozen=True)
class Awkward:
    """A knee trial in which nobody is harmed, with a long name, and texts that are hard to quote.

    Its covariate ``long`` has the level ``level``, and its covariate bmi the label ``words``.
    """

    scenario: object
    long: str = "a_covariate_with_a_name_of_forty_letters"
    level: str = '"sjelden" & <b>aldri</b> $x `y` \\d'
    words: str = 'Sm\u00e5 "b\u00e6r" <script>alert(1)</script> ' * 4


@pytest.fixture(scope="session")
def awkward(tmp_path_factory):
    text = (ROOT / "scenarios/library/knee_koos.toml").read_text("utf-8")
    for old, new in (
        ('name = "knee_koos"', 'name = "awkward"'),
        ("kl_grade", Awkward.long),
        ('label = "Body mass index"', f"label = '''{Awkward.words}'''"),
        ('levels = ["2", "3", "4"]', f"levels = ['''{Awkward.level}''', 'ja, n\u00e5', '4']"),
        ('label = "Usual care"', "label = 'Vanlig \u00abomsorg\u00bb'"),
        ("rates = { usual_care = 0.01, exercise = 0.02 }", "rates = {}"),
    ):
        assert old in text
        text = text.replace(old, new)
    file = tmp_path_factory.mktemp("awkward") / "awkward.toml"
    file.write_text(text, encoding="utf-8")
    return Awkward(sb.scenario(file, ["trial.sample_size=40"]))
