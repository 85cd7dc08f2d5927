"""The ADaM-like datasets agree with the tables of the trial, and with their define.xml."""

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import lxml.etree
import numpy as np
import odmlib
import pandas as pd
import pyreadstat
import pytest

DATASETS = ("adsl", "adqs", "adae")
ODM, DEF = "{http://www.cdisc.org/ns/odm/v1.3}", "{http://www.cdisc.org/ns/def/v2.1}"
SCHEMA = Path(odmlib.__file__).parent / "schemas/define/2.1/define2-1-0.xsd"
TRIALS = [
    ("knee_koos", {"trial__sample_size": 40}),
    ("depression_phq9", {"trial__sample_size": 80}),
    ("selfback_2021", {"trial__sample_size": 30}),
    pytest.param("three_arms", {"trial__sample_size": 30}, marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def schema():
    return lxml.etree.XMLSchema(lxml.etree.parse(str(SCHEMA)))


def _read(folder):
    return {name: pyreadstat.read_xport(folder / f"{name}.xpt")[0] for name in DATASETS}


@pytest.mark.parametrize(("name", "changes"), TRIALS)
def test_scores_are_those_of_the_visits(exported, name, changes):
    found, folder = exported(name, "adam", **changes)
    adqs, visits = _read(folder)["adqs"], found.tables["visits"]
    number = adqs["SUBJID"].astype(int)
    order = ["baseline", *(visit.name for visit in found.scenario.trial.visits)]
    labels = adqs.drop_duplicates("PARAMCD")
    outcomes = [each for each in found.scenario.outcomes if each.name in visits]
    assert len(labels) == len(outcomes)
    for outcome, code in zip(outcomes, labels["PARAMCD"], strict=True):
        rows = adqs["PARAMCD"] == code
        mine = visits[visits[outcome.name].notna()]
        assert adqs.loc[rows, "AVAL"].tolist() == mine[outcome.name].tolist()
        assert number[rows].tolist() == mine["participant"].tolist()
        assert adqs.loc[rows, "AVISITN"].tolist() == [order.index(v) for v in mine["visit"]]
        if not outcome.has_baseline:
            assert adqs.loc[rows, "BASE"].isna().all()
    later = adqs["CHG"].notna()
    assert np.allclose((adqs["AVAL"] - adqs["BASE"])[later], adqs["CHG"][later], rtol=1e-12)
    assert (adqs["ABLFL"] == "Y").equals(adqs["AVISITN"] == 0)
    assert not adqs.duplicated(["USUBJID", "PARAMCD", "AVISITN"]).any()


@pytest.mark.parametrize(("name", "changes"), TRIALS)
def test_subjects_are_the_participants(exported, name, changes):
    found, folder = exported(name, "adam", **changes)
    read, people = _read(folder), found.tables["participants"]
    adsl, scenario = read["adsl"], found.scenario
    assert len(adsl) == adsl["USUBJID"].nunique() == len(people)
    assert (adsl["TRT01PN"] - 1).tolist() == [scenario.arm_names.index(a) for a in people["arm"]]
    assert adsl["AGE"].tolist() == people["age"].tolist()
    assert set(adsl["SEX"]) <= {"F", "M"}
    opened = pd.Timestamp(scenario.trial.opens)
    days = [timedelta(days=int(day)) for day in people["randomized_day"]]
    assert pd.to_datetime(adsl["RANDDT"]).tolist() == [opened + day for day in days]
    assert (adsl["DCSREAS"] != "").equals(adsl["EOSSTT"] == "DISCONTINUED")
    for other in ("adqs", "adae"):
        assert set(read[other]["USUBJID"]) <= set(adsl["USUBJID"])
    start = adsl.set_index("USUBJID")["TRTSDT"]
    adqs = read["adqs"]
    first = pd.to_datetime(adqs["USUBJID"].map(start))
    assert ((pd.to_datetime(adqs["ADT"]) - first).dt.days + 1).tolist() == adqs["ADY"].tolist()


def test_events_are_those_of_the_trial(exported):
    found, folder = exported("knee_koos", "adam", trial__sample_size=40)
    adae, events = _read(folder)["adae"], found.tables["adverse_events"]
    assert len(adae) == len(events) > 0
    assert (adae["AESER"] == "Y").sum() == events["serious"].sum()
    assert (adae["AREL"] == "Y").sum() == events["related"].sum()
    assert (adae["ASTDY"] >= 1).all()


@pytest.mark.parametrize(("name", "changes"), TRIALS)
def test_the_define_is_valid_and_describes_what_is_there(exported, schema, name, changes):
    _, folder = exported(name, "adam", **changes)
    file = folder / "define.xml"
    assert schema.validate(lxml.etree.parse(str(file))), schema.error_log
    root = ET.parse(file).getroot()  # noqa: S314 - our own file
    items = {item.get("OID"): item for item in root.iter(f"{ODM}ItemDef")}
    lists = {
        each.get("OID"): [item.get("CodedValue") for item in each]
        for each in root.iter(f"{ODM}CodeList")
    }
    for name, frame in _read(folder).items():  # noqa: PLR1704 - of each dataset
        group = next(g for g in root.iter(f"{ODM}ItemGroupDef") if g.get("Name") == name.upper())
        refs = [ref.get("ItemOID") for ref in group.iter(f"{ODM}ItemRef")]
        assert [items[oid].get("Name") for oid in refs] == frame.columns.tolist()
        assert (group.get(f"{DEF}HasNoData") == "Yes") == frame.empty
        for oid in refs:
            used = items[oid].find(f"{ODM}CodeListRef")
            if used is not None:
                values = frame[items[oid].get("Name")].dropna()
                texts = {f"{v:g}" if isinstance(v, float) else v for v in values} - {""}
                assert texts <= set(lists[used.get("CodeListOID")]), oid
    adqs = _read(folder)["adqs"]
    described = {
        value.text
        for clause in root.iter(f"{DEF}WhereClauseDef")
        for value in clause.iter(f"{ODM}CheckValue")
    }
    assert described == set(adqs["PARAMCD"])


def test_nobody_harmed_and_awkward_labels_give_a_valid_define(awkward, schema, tmp_path):
    import selfback as sb  # noqa: PLC0415

    sb.trial(awkward.scenario, out=tmp_path / "x", export="adam")
    file = tmp_path / "x/define.xml"
    assert schema.validate(lxml.etree.parse(str(file))), schema.error_log
    assert "<script>" not in file.read_text("utf-8")
    assert 'HasNoData="Yes"' in file.read_text("utf-8")
