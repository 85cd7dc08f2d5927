"""The define.xml (Define-XML 2.1): variables, value lists, codelists, derivations."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from scenarios.errors import one_line
from scenarios.schema import Scenario
from sim.export.adam.dataset import DATE_FORMAT, Codelist, Dataset, ValueLevel, Variable
from sim.export.variables import widest_text

DEFINE = "define.xml"
ODM, DEF, XLINK = (
    "http://www.cdisc.org/ns/odm/v1.3", "http://www.cdisc.org/ns/def/v2.1",
    "http://www.w3.org/1999/xlink",
)  # fmt: skip
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
STANDARD, STANDARD_VERSION = "STD.ADaMIG", "1.3"
_TYPES = {"text": "text", "integer": "integer", "float": "float", "date": "integer"}


def write_define(folder: Path, datasets: Sequence[Dataset], scenario: Scenario) -> None:
    """Write the define.xml of datasets that are in a folder.

    Parameters
    ----------
    folder
        Where the datasets are, as ``NAME.xpt`` in small letters.
    datasets
        That it describes.
    scenario
        Whose trial they are of.
    """
    ET.register_namespace("", ODM)
    ET.register_namespace("def", DEF)
    ET.register_namespace("xlink", XLINK)
    root = _odm(scenario)
    study = root[0]
    version = ET.SubElement(study, _odm_tag("MetaDataVersion"), {
        "OID": f"MDV.{scenario.name}", "Name": f"{scenario.name}, analysis datasets",
        "Description": "Analysis datasets of a simulated trial", _def("DefineVersion"): "2.1.0",
    })  # fmt: skip
    standards = ET.SubElement(version, _def("Standards"))
    ET.SubElement(standards, _def("Standard"), {
        "OID": STANDARD, "Name": "ADaMIG", "Type": "IG", "Version": STANDARD_VERSION,
        "Status": "Final", _def("CommentOID"): "COM.STANDARD",
    })  # fmt: skip
    _value_lists(version, datasets)
    for dataset in datasets:
        _group(version, dataset)
    for dataset in datasets:
        for variable in dataset.variables:
            _item(version, dataset, variable)
        for name, levels in dataset.by_parameter.items():
            for level in levels:
                _value_item(version, dataset, name, level)
    for codes in _codelists(datasets):
        _codelist(version, codes)
    for dataset in datasets:
        for variable in dataset.variables:
            if variable.origin == "Derived":
                _method(version, dataset, variable)
    _comments(version, datasets)
    ET.indent(root)
    ET.ElementTree(root).write(folder / DEFINE, encoding="utf-8", xml_declaration=True)


def _odm(scenario: Scenario) -> ET.Element:
    """Return the root, with the study and what it is called."""
    root = ET.Element(_odm_tag("ODM"), {
        "FileType": "Snapshot", "FileOID": f"{scenario.name}.define", "ODMVersion": "1.3.2",
        "CreationDateTime": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        _def("Context"): "Other",
    })  # fmt: skip
    study = ET.SubElement(root, _odm_tag("Study"), {"OID": f"STD.{scenario.name}"})
    names = ET.SubElement(study, _odm_tag("GlobalVariables"))
    for tag, words in (
        ("StudyName", scenario.name), ("StudyDescription", f"Simulated: {scenario.title}"),
        ("ProtocolName", scenario.name),
    ):  # fmt: skip
        ET.SubElement(names, _odm_tag(tag)).text = _plain(words)
    return root


def _value_lists(version: ET.Element, datasets: Sequence[Dataset]) -> None:
    clauses = []
    for dataset in datasets:
        for variable, levels in dataset.by_parameter.items():
            found = ET.SubElement(
                version, _def("ValueListDef"), {"OID": f"VL.{dataset.name}.{variable}"}
            )
            for number, level in enumerate(levels, start=1):
                where = f"WC.{dataset.name}.{variable}.{level.paramcd}"
                item = ET.SubElement(found, _odm_tag("ItemRef"), {
                    "ItemOID": f"IT.{dataset.name}.{variable}.{level.paramcd}",
                    "OrderNumber": str(number), "Mandatory": "No",
                })  # fmt: skip
                ET.SubElement(item, _def("WhereClauseRef"), {"WhereClauseOID": where})
                clauses.append((where, f"IT.{dataset.name}.PARAMCD", level.paramcd))
    for where, parameter, paramcd in clauses:
        clause = ET.SubElement(version, _def("WhereClauseDef"), {"OID": where})
        check = ET.SubElement(clause, _odm_tag("RangeCheck"), {
            "SoftHard": "Soft", _def("ItemOID"): parameter, "Comparator": "EQ",
        })  # fmt: skip
        ET.SubElement(check, _odm_tag("CheckValue")).text = paramcd


def _group(version: ET.Element, dataset: Dataset) -> None:
    file = f"{dataset.name.lower()}.xpt"
    group = ET.SubElement(version, _odm_tag("ItemGroupDef"), {
        "OID": f"IG.{dataset.name}", "Name": dataset.name, "SASDatasetName": dataset.name,
        "Repeating": "No" if dataset.name == "ADSL" else "Yes", "IsReferenceData": "No",
        "Purpose": "Analysis", _def("Structure"): dataset.structure,
        _def("ArchiveLocationID"): f"LF.{dataset.name}", _def("StandardOID"): STANDARD,
        **({} if len(dataset) else {_def("HasNoData"): "Yes"}),
        **({} if len(dataset) else {_def("CommentOID"): f"COM.{dataset.name}"}),
    })  # fmt: skip
    _description(group, dataset.label)
    for number, variable in enumerate(dataset.variables, start=1):
        attributes = {
            "ItemOID": f"IT.{dataset.name}.{variable.name}", "OrderNumber": str(number),
            "Mandatory": "Yes" if variable.name in dataset.keys else "No",
        }  # fmt: skip
        if variable.name in dataset.keys:
            attributes["KeySequence"] = str(dataset.keys.index(variable.name) + 1)
        if variable.origin == "Derived":
            attributes["MethodOID"] = f"MT.{dataset.name}.{variable.name}"
        ET.SubElement(group, _odm_tag("ItemRef"), attributes)
    kind = ET.SubElement(group, _def("Class"), {"Name": dataset.class_name})
    if dataset.name == "ADAE":
        ET.SubElement(kind, _def("SubClass"), {"Name": "ADVERSE EVENT"})
    leaf = ET.SubElement(
        group, _def("leaf"), {"ID": f"LF.{dataset.name}", f"{{{XLINK}}}href": file}
    )
    ET.SubElement(leaf, _def("title")).text = file


def _item(version: ET.Element, dataset: Dataset, variable: Variable) -> None:
    attributes = {
        "OID": f"IT.{dataset.name}.{variable.name}", "Name": variable.name,
        "SASFieldName": variable.name, "DataType": _TYPES[variable.kind], **_lengths(variable),
    }  # fmt: skip
    if variable.kind == "date":
        attributes[_def("DisplayFormat")] = f"{DATE_FORMAT}."
    if variable.origin == "Assigned" and variable.says:
        attributes[_def("CommentOID")] = f"COM.{dataset.name}.{variable.name}"
    item = ET.SubElement(version, _odm_tag("ItemDef"), attributes)
    _description(item, variable.label)
    if variable.codes is not None:
        ET.SubElement(item, _odm_tag("CodeListRef"), {"CodeListOID": _oid(variable.codes)})
    ET.SubElement(item, _def("Origin"), {"Type": variable.origin, "Source": "Sponsor"})
    if variable.name in dataset.by_parameter:
        ET.SubElement(
            item, _def("ValueListRef"), {"ValueListOID": f"VL.{dataset.name}.{variable.name}"}
        )


def _value_item(version: ET.Element, dataset: Dataset, variable: str, level: ValueLevel) -> None:
    frame = dataset.frame
    values = frame.loc[frame["PARAMCD"] == level.paramcd, variable].to_numpy(float)
    item = ET.SubElement(version, _odm_tag("ItemDef"), {
        "OID": f"IT.{dataset.name}.{variable}.{level.paramcd}", "Name": variable,
        "SASFieldName": variable, "DataType": level.kind,
        **_lengths(Variable(variable, "", level.kind, values)),
    })  # fmt: skip
    _description(item, f"{level.label}, {level.range}" if level.range else level.label)
    if level.codes is not None:
        ET.SubElement(item, _odm_tag("CodeListRef"), {"CodeListOID": _oid(level.codes)})
    ET.SubElement(item, _def("Origin"), {"Type": "Assigned", "Source": "Sponsor"})


def _lengths(variable: Variable) -> dict[str, str]:
    """Return the length of values as text, and the digits behind the point."""
    if variable.kind == "text":
        return {"Length": str(max(widest_text(variable.values), 1))}
    numbers = np.asarray(variable.values, dtype=float)
    known = numbers[np.isfinite(numbers)]
    whole = max((len(f"{each:.0f}") for each in np.trunc(known)), default=1)
    if variable.kind != "float":
        return {"Length": str(whole)}
    behind = max((len(_decimals(each)) for each in known.tolist()), default=0)
    return {"Length": str(whole + 1 + behind), "SignificantDigits": str(behind)}


def _decimals(number: float) -> str:
    return np.format_float_positional(number, trim="-").partition(".")[2]


def _codelists(datasets: Sequence[Dataset]) -> list[Codelist]:
    """Return the codelists that there are, each once."""
    found: dict[str, Codelist] = {}
    for dataset in datasets:
        for variable in dataset.variables:
            if variable.codes is not None:
                found.setdefault(_oid(variable.codes), variable.codes)
        for levels in dataset.by_parameter.values():
            for level in levels:
                if level.codes is not None:
                    found.setdefault(_oid(level.codes), level.codes)
    return list(found.values())


def _codelist(version: ET.Element, codes: Codelist) -> None:
    kind = "integer" if codes.number else "text"
    found = ET.SubElement(version, _odm_tag("CodeList"), {
        "OID": _oid(codes), "Name": _plain(codes.name), "DataType": kind,
        _def("IsNonStandard"): "Yes",
    })  # fmt: skip
    themselves = all(value == meaning for value, meaning in codes.items.items())
    tag = "EnumeratedItem" if themselves else "CodeListItem"
    for number, (value, meaning) in enumerate(codes.items.items(), start=1):
        item = ET.SubElement(
            found, _odm_tag(tag), {"CodedValue": _plain(value), "OrderNumber": str(number)}
        )
        if not themselves:
            decode = ET.SubElement(item, _odm_tag("Decode"))
            ET.SubElement(decode, _odm_tag("TranslatedText"), {LANGUAGE: "en"}).text = _plain(
                meaning
            )


def _method(version: ET.Element, dataset: Dataset, variable: Variable) -> None:
    method = ET.SubElement(version, _odm_tag("MethodDef"), {
        "OID": f"MT.{dataset.name}.{variable.name}", "Name": f"{dataset.name}.{variable.name}",
        "Type": "Computation",
    })  # fmt: skip
    _description(method, variable.says)


def _comments(version: ET.Element, datasets: Sequence[Dataset]) -> None:
    texts = {
        "COM.STANDARD": "ADaM-like: what a simulated trial does not have, such as race and source "
        "data, is left out, and codelists are not CDISC's controlled terminology."
    }
    for dataset in datasets:
        if not len(dataset):
            texts[f"COM.{dataset.name}"] = "There are no records in this trial."
        for variable in dataset.variables:
            if variable.origin == "Assigned" and variable.says:
                texts[f"COM.{dataset.name}.{variable.name}"] = variable.says
    for oid, words in texts.items():
        _description(ET.SubElement(version, _def("CommentDef"), {"OID": oid}), words)


def _description(parent: ET.Element, words: str) -> None:
    description = ET.SubElement(parent, _odm_tag("Description"))
    ET.SubElement(description, _odm_tag("TranslatedText"), {LANGUAGE: "en"}).text = _plain(words)


def _oid(codes: Codelist) -> str:
    return "CL." + re.sub(r"[^A-Za-z0-9]+", "_", codes.name).strip("_").upper()


def _plain(words: str) -> str:
    """Return words without characters that XML cannot have."""
    return one_line(words)


def _odm_tag(name: str) -> str:
    return f"{{{ODM}}}{name}"


def _def(name: str) -> str:
    return f"{{{DEF}}}{name}"
