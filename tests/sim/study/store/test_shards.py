import pyarrow as pa
import pytest

from sim.study.store.shards import JOINED, Shards, count_kept, pack, unpack


def payload(numbers: range) -> bytes:
    rows = {"replicate": pa.array(list(numbers), pa.int32()), "value": [0.5 * n for n in numbers]}
    empty = pa.schema([("replicate", pa.int32()), ("reason", pa.string())]).empty_table()
    return pack({"estimates": pa.table(rows), "failures": empty})


def kept(shards: Shards) -> list[int]:
    return [
        number
        for record in shards
        for number in record.tables()["estimates"]["replicate"].to_pylist()
    ]


def filled(folder, count: int = 6) -> Shards:
    shards = Shards(folder, sync=False)
    for first in range(0, 5 * count, 5):
        shards.add(range(first, first + 5), payload(range(first, first + 5)))
    return shards


def test_tables_come_back_as_they_were():
    tables = unpack(payload(range(3)))
    assert list(tables) == ["estimates", "failures"]
    assert tables["estimates"]["value"].to_pylist() == [0.0, 0.5, 1.0]
    assert tables["failures"].schema.names == ["replicate", "reason"]
    assert tables["estimates"].schema.metadata is None


def test_what_is_missing_are_the_gaps(tmp_path):
    shards = Shards(tmp_path / "s", sync=False)
    for first in (20, 5):
        shards.add(range(first, first + 5), payload(range(first, first + 5)))
    assert shards.missing(range(32)) == [range(5), range(10, 20), range(25, 32)]
    assert shards.missing(range(5, 10)) == []
    assert shards.missing(range(22)) == [range(5), range(10, 20)]


def test_another_process_finds_what_is_kept(tmp_path):
    filled(tmp_path / "s")
    assert kept(Shards(tmp_path / "s", sync=False)) == list(range(30))
    assert count_kept(tmp_path / "s") == 30


def test_shards_are_joined_and_few(tmp_path):
    shards = filled(tmp_path / "s", 5 * JOINED**2 + 3)
    files = list((tmp_path / "s").iterdir())
    assert len(files) == 5 + 3
    assert kept(shards) == list(range(5 * (5 * JOINED**2 + 3)))
    assert kept(Shards(tmp_path / "s", sync=False)) == kept(shards)


def test_what_a_crash_left_of_joining_is_cleared(tmp_path):
    shards = filled(tmp_path / "s", JOINED - 1)
    saved = {file.name: file.read_bytes() for file in (tmp_path / "s").iterdir()}
    shards.add(range(35, 40), payload(range(35, 40)))
    assert len(list((tmp_path / "s").iterdir())) == 1
    for name, content in saved.items():
        (tmp_path / "s" / name).write_bytes(content)
    (tmp_path / "s" / "00000099.shard.partial").write_bytes(b"half")
    again = Shards(tmp_path / "s", sync=False)
    assert kept(again) == list(range(40))
    assert all(file.suffix == ".shard" for file in (tmp_path / "s").iterdir())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_flipped_bit_costs_one_record(tmp_path, share):
    filled(tmp_path / "s", JOINED)
    (file,) = (tmp_path / "s").iterdir()
    content = bytearray(file.read_bytes())
    content[int(share * len(content))] ^= 0x10
    file.write_bytes(content)
    shards = Shards(tmp_path / "s", sync=False)
    assert shards.damaged == 1
    found = kept(shards)
    assert set(found) < set(range(40))
    assert sum(len(gap) for gap in shards.missing(range(40))) == 40 - len(found)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.999])
def test_a_cut_off_file_costs_its_end(tmp_path, share):
    filled(tmp_path / "s", JOINED)
    (file,) = (tmp_path / "s").iterdir()
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    found = kept(Shards(tmp_path / "s", sync=False))
    assert found == list(range(len(found)))
    assert len(found) < 40


def test_every_flipped_bit_is_noticed(tmp_path):
    shards = filled(tmp_path / "s", 1)
    (file,) = (tmp_path / "s").iterdir()
    content = file.read_bytes()
    before = next(iter(shards)).content()
    for place in range(0, 8 * len(content), 7):
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << place % 8
        file.write_bytes(damaged)
        assert Shards(tmp_path / "s", sync=False).missing(range(5)) == [range(5)]
    file.write_bytes(content)
    assert next(iter(Shards(tmp_path / "s", sync=False))).content() == before
