"""The reasons stored with lists are those that SQL finds where there are no lists."""

import shutil

import duckdb

from tests.client import each

FIELDS = "user_id, product_id, source, reason"


def test_stored_reasons_are_those_of_sql(shop_file, tmp_path):
    path = tmp_path / "shop.duckdb"
    shutil.copy(shop_file, path)
    with duckdb.connect(str(path)) as con:
        users = [user for (user,) in con.sql("SELECT DISTINCT user_id FROM recommendations").fetchall()]
        longest = con.sql("SELECT duckmark.list_length()").fetchall()[0][0]
        asked = each("recommend", "user_id", users, f", {longest}")
        in_view = con.sql(f"SELECT {FIELDS} FROM recommendations ORDER BY ALL").fetchall()
        stored = con.sql(f"SELECT {FIELDS} FROM ({asked}) ORDER BY ALL").fetchall()
        con.execute("DELETE FROM duckmark.recommendation_lists; CREATE OR REPLACE MACRO duckmark.list_length() AS 0")
        found = con.sql(f"SELECT {FIELDS} FROM ({asked}) ORDER BY ALL").fetchall()
    assert stored == found
    assert stored == in_view
    assert all(reason for *_, reason in stored)
    for words in ("goes with ", "people of similar taste", "in their words: "):
        assert any(words in reason for *_, reason in stored)
