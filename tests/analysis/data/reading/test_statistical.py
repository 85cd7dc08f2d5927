import pandas as pd
import pyreadstat
import pytest

from scenarios.errors import InputError

ARMS = {1: "control", 2: "intervention"}


@pytest.fixture
def coded(frames, tmp_path):
    people = frames[0].assign(arm=[1, 2, 1, 2])

    def save(**more):
        path = tmp_path / "p.sav"
        pyreadstat.write_sav(people, path, variable_value_labels={"arm": ARMS}, **more)
        return path

    return people, save


def test_labels_are_what_is_written_in_columns_of_texts(trial, same, coded, tmp_path):
    people, save = coded
    right = trial.read().data
    assert same(trial.read(save()).data, right)
    pyreadstat.write_dta(people, tmp_path / "p.dta", variable_value_labels={"arm": ARMS})
    assert same(trial.read(tmp_path / "p.dta").data, right)


def test_a_mapping_takes_codes_or_labels(trial, same, coded):
    _, save = coded
    mapping = '[participants]\narm = {{ values = {{ {} = "intervention", {} = "control" }} }}\n'
    swapped = trial.read(save(), mapping=mapping.format('"1"', '"2"')).data
    assert swapped.arm.tolist() == [1, 0, 1, 0]
    assert same(trial.read(save(), mapping=mapping.format("control", "intervention")).data, swapped)


def test_what_the_file_declares_as_missing_is_missing(trial, coded):
    people, save = coded
    people.loc[1, "age"] = 999.0
    with pytest.raises(InputError, match=r"p.sav, observation 2: age = 999 .*0 to 120 years"):
        trial.read(save())
    assert pd.isna(trial.read(save(missing_ranges={"age": [999]})).data.traits["age"][1])


def test_more_observations_than_a_file_can_have_are_damage(trial, coded):
    path = coded[1]()
    content = bytearray(path.read_bytes())
    content[80:84] = (1_000_000_000).to_bytes(4, "little")  # number of cases in the header
    path.write_bytes(content)
    with pytest.raises(InputError, match="it announces 1000000000 observations"):
        trial.read(path)
