"""Checks ADaM exports with CDISC's rules engine, in an environment of its own.

Its pins clash with ours, and it needs Python 3.12::

    python3.12 -m venv .cdisc
    .cdisc/bin/pip install cdisc-rules-engine==0.17.1
    cd docs/studies/export
    .cdisc/bin/python -W ignore check_adam.py EXPORT ... > check_adam.txt

An EXPORT is a folder that ``selfback trial --export adam --out EXPORT`` made. For each of them

- define.xml is validated against the Define-XML 2.1 schema that odmlib ships;
- odmlib checks that each reference in it has what it refers to;
- the engine reads the datasets and runs the rules of ``adam_rules.toml`` on them;
- one value of each dataset is damaged, and the rules must find that.

The exit code is 1 if something is found that should not be, or nothing where it should.
"""

import logging
import shutil
import sys
import tempfile
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lxml.etree
import odmlib
import pyreadstat
from cdisc_rules_engine.models.library_metadata_container import LibraryMetadataContainer
from cdisc_rules_engine.models.rule import Rule
from cdisc_rules_engine.models.rule_conditions import ConditionCompositeFactory
from cdisc_rules_engine.rules_engine import RulesEngine
from cdisc_rules_engine.services.cache import InMemoryCacheService
from odmlib.define_loader import XMLDefineLoader
from odmlib.loader import ODMLoader
from odmlib.oid_generator import create_oid_checker

HERE = Path(__file__).parent
SCHEMA = Path(odmlib.__file__).parent / "schemas/define/2.1/define2-1-0.xsd"
DAMAGE = {"adsl": ("ITTFL", "X"), "adqs": ("PARAMCD", "too long a code"), "adae": ("AESER", "?")}
"""Dataset to a variable, and the value that its first row gets."""
NOT_CHECKED = """\
Not checked: the conformance rules that CDISC publishes for ADaM, and its controlled terminology.
The package on PyPI ships neither: the engine downloads both with a key of the CDISC Library. The
draft rules that CDISC publishes on the web need the Library's metadata as well, and version 0.17.1
of the engine stops on them at every dataset but ADSL. So the rules are those of adam_rules.toml,
written after the ADaM Implementation Guide 1.3. Known departures from the guide, all for want of
data in the simulation: no RACE, no SDTM to trace back to, no dictionary of adverse events."""


def main(folders: list[Path]) -> int:
    """Check all folders; print a line a check; return the exit code."""
    logging.disable(logging.CRITICAL)
    for name in ("cdisc-rules-engine", "odmlib"):
        print(f"{name} {version(name)}")
    failed = 0
    rules = tomllib.loads((HERE / "adam_rules.toml").read_text("utf-8"))["rules"]
    for folder in folders:
        print(f"\n{folder.name}")
        failed += _define(folder / "define.xml")
        failed += _datasets(folder, rules)
        failed += _damaged(folder, rules)
    print(f"\n{NOT_CHECKED}\n\n{failed or 'no'} failures")
    return 1 if failed else 0


def _define(file: Path) -> int:
    schema = lxml.etree.XMLSchema(lxml.etree.parse(str(SCHEMA)))
    valid = schema.validate(lxml.etree.parse(str(file)))
    _say(valid, "define.xml is valid against the schema of Define-XML 2.1")
    for error in schema.error_log:
        print(f"    line {error.line}: {error.message}")
    loader = ODMLoader(
        XMLDefineLoader(model_package="define_2_1", ns_uri="http://www.cdisc.org/ns/def/v2.1")
    )
    loader.open_odm_document(str(file))
    references = create_oid_checker("define_2_1")
    try:
        loader.root().verify_oids(references)
        references.check_oid_refs()
    except ValueError as error:
        _say(False, f"its references have what they refer to: {error}")
        return 1 + (not valid)
    _say(True, "its references have what they refer to")
    return int(not valid)


def _datasets(folder: Path, rules: list[dict[str, Any]]) -> int:
    failed = 0
    for rule in rules:
        file = folder / f"{rule['dataset'].lower()}.xpt"
        empty, missing = pyreadstat.read_xport(file)[0].empty, _missing(file, rule)
        if empty or missing:
            why = "no records" if empty else f"no {', '.join(missing)}"
            print(f"  skipped  {rule['dataset']}: {rule['says']} ({why})")
            continue
        found = _run(rule, file)
        _say(not found, f"{rule['dataset']}: {rule['says']}{'' if not found else f' {found[:3]}'}")
        failed += bool(found)
    return failed


def _missing(file: Path, rule: dict[str, Any]) -> list[str]:
    there = pyreadstat.read_xport(file, metadataonly=True)[1].column_names
    return [each["name"] for each in rule["find"] if each["name"] not in there]


def _damaged(folder: Path, rules: list[dict[str, Any]]) -> int:
    failed = 0
    for dataset, (variable, value) in DAMAGE.items():
        frame, _ = pyreadstat.read_xport(folder / f"{dataset}.xpt")
        if frame.empty:
            continue
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / f"{dataset}.xpt"
            shutil.copy(folder / file.name, file)
            frame.loc[0, variable] = value
            pyreadstat.write_xport(frame, file, table_name=dataset.upper(), file_format_version=5)
            found = [
                rule["says"] for rule in rules
                if rule["dataset"] == dataset.upper() and not _missing(file, rule)
                and _run(rule, file)
            ]  # fmt: skip
        _say(bool(found), f"{dataset.upper()} with {variable} = {value!r} breaks: "
             f"{'; '.join(found) or 'nothing'}")  # fmt: skip
        failed += not found
    return failed


def _run(rule: dict[str, Any], file: Path) -> list[Any]:
    """Return what the engine finds in a file that breaks a rule."""
    metadata = Rule.from_cdisc_metadata({
        "Core": {"Id": "OWN", "Status": "Draft", "Version": "1"},
        "Rule Type": "Record Data", "Sensitivity": "Record", "Description": rule["says"],
        "Executability": "Fully Executable", "Authorities": [],
        "Scope": {"Domains": {"Include": [rule["dataset"]]}},
        "Check": {"all": rule["find"]},
        "Outcome": {"Message": rule["says"]},
    })  # fmt: skip
    metadata["conditions"] = ConditionCompositeFactory.get_condition_composite(
        metadata["conditions"]
    )
    engine = RulesEngine(
        cache=InMemoryCacheService(),
        standard="adamig",
        standard_version="1-3",
        library_metadata=LibraryMetadataContainer(),
        dataset_paths=[str(file)],
        max_dataset_size=file.stat().st_size,
        encoding="utf-8",
    )
    results = engine.validate_single_rule(metadata)
    found: list[Any] = []
    for each in (result for of_one in results.values() for result in of_one):
        status = each.get("executionStatus")
        if status in {"success", "issue reported"}:
            found += each.get("errors", [])
        else:
            raise RuntimeError(f"{rule['dataset']}, {rule['says']}: {status} {each}")
    return found


def _say(good: bool, words: str) -> None:
    print(f"  {'passed' if good else 'FAILED'}   {words}")


if __name__ == "__main__":
    sys.exit(main([Path(each) for each in sys.argv[1:]]))
