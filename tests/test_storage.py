"""How the file is stored."""

import duckdb
import pytest

from duckmark import publish, storage


@pytest.mark.parametrize("keeps_gaps", [False, True])
def test_gaps_are_merged_away_or_kept_and_empty_row_groups_are_gone_either_way(tmp_path, keeps_gaps):
    groups = (
        "SELECT sum(count) FROM pragma_storage_info('t') WHERE segment_type <> 'VALIDITY' GROUP BY row_group_id "
        "ORDER BY row_group_id"
    )
    size = storage.ROW_GROUP
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tmp_path}/t.duckdb' AS t ({storage.STORAGE}); USE t")
        con.execute(f"CREATE TABLE t AS SELECT i FROM range({4 * size}) AS r (i); CHECKPOINT")
        con.execute(f"DELETE FROM t WHERE i < {size} OR i >= {2 * size} AND i % 4 > 0")
        if keeps_gaps:
            storage.keep_gaps(con)
        con.execute("CHECKPOINT")
        assert con.execute(groups).fetchall() == ([(size,)] * 3 if keeps_gaps else [(size,), (size // 2,)])
        assert con.execute("SELECT count(*), sum(i) FROM t").fetchall() == [
            (size + size // 2, sum(range(size, 2 * size)) + sum(range(2 * size, 4 * size, 4)))
        ]


def test_a_new_file_is_of_small_blocks_and_one_that_exists_keeps_its_own(tmp_path):
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tmp_path}/old.duckdb' AS old ({storage.STORAGE}); DETACH old")
        con.execute(storage.SETTINGS)
        for name in ("old", "new"):
            con.execute(f"ATTACH '{tmp_path}/{name}.duckdb' AS {name} ({storage.STORAGE})")
        sizes = con.execute("SELECT database_name, block_size FROM pragma_database_size() ORDER BY ALL").fetchall()
        assert [size for size in sizes if size[0] in ("new", "old")] == [("new", storage.BLOCK), ("old", 262_144)]


def test_the_file_can_be_read_by_older_versions_of_duckdb(small_bytes):
    """Storage version 64 is that of DuckDB 1.0: https://duckdb.org/docs/internals/storage."""
    assert int.from_bytes(small_bytes[12:20], "little") == 64


def test_a_row_of_a_large_table_is_found_without_reading_much(tmp_path, small_bytes):
    """Its row groups are small, so that all but one are left out."""
    path = tmp_path / "shop.duckdb"
    path.write_bytes(small_bytes)
    with publish.side_file(path, copied=True) as con:
        con.execute("CREATE TABLE main.long AS SELECT i AS id FROM range(100_000) AS r (i)")
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute("SELECT max(count) FROM pragma_storage_info('long')").fetchall()[0][0] <= 16_384
