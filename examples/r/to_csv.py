"""Writes every table of a study as CSV: ``python to_csv.py results/selfback_2021 csv``."""

import argparse
from pathlib import Path

import pandas as pd


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, help="folder of a study")
    parser.add_argument("folder", type=Path, help="folder to make, for the CSV files")
    given = parser.parse_args()
    tables = sorted(given.study.glob("*.parquet"))
    if not tables:
        parser.error(f"{given.study} has no tables")
    given.folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        pd.read_parquet(table).to_csv(given.folder / f"{table.stem}.csv", index=False)
        print(given.folder / f"{table.stem}.csv")


if __name__ == "__main__":
    main()
