"""How the file is stored."""

import duckdb
import pytest

from duckmark import storage


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
