import duckdb
import pytest

from duckmark import touched
from duckmark.touched import NEWEST, Touched


@pytest.fixture
def shop(monkeypatch):
    """A connection to a shop of 80 users of whom a day makes ten due, and what takes in events of some days."""
    monkeypatch.setattr(touched, "FEWEST_IN_TURN", 10)
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA duckmark")
        con.execute("CREATE TABLE duckmark.users AS SELECT format('{:02d}', n) AS user_id FROM range(80) AS r (n)")
        con.execute("CREATE TABLE duckmark.products AS SELECT 'lamp' AS product_id")
        con.execute("CREATE TABLE duckmark.sources (source_id BIGINT)")
        con.execute(
            "CREATE TABLE duckmark.raw_events "
            "(event_id BIGINT, user_id VARCHAR, product_id VARCHAR, happened_at TIMESTAMP, order_id VARCHAR)"
        )
        yield con


def due(con, source, days):
    """The users due once a source with events of so many days, or of unknown ones, is loaded."""
    con.execute("INSERT INTO duckmark.sources VALUES (?)", [source])
    con.execute(
        f"INSERT INTO duckmark.raw_events SELECT {NEWEST} + n, 'guest', 'lamp', "
        "CASE WHEN $days > 0 THEN TIMESTAMP '2026-01-01' + INTERVAL (n % $days) DAY END, NULL FROM range(100) AS r (n)",
        {"days": days},
    )
    Touched(con)
    found = con.execute("SELECT u.user_id FROM duckmark.users AS u JOIN turn ON u.user_id BETWEEN first AND last")
    users = [user for (user,) in found.fetchall()]
    for kind, name in con.execute(
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE temporary AND NOT internal "
        "UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() WHERE schema_name = 'main'"
    ).fetchall():
        con.execute(f"DROP {kind} {name}")
    return users


@pytest.mark.parametrize("days", [0, 1, 2, 4, 8, 30])
def test_everyone_has_their_turn_once_in_as_many_days_as_there_are_parts(shop, days):
    taken = min(max(days, 1), 8)
    loads = [due(shop, source, days) for source in range(1, 8 // taken + 1)]
    assert {len(users) for users in loads} == {10 * taken}
    assert sorted(user for users in loads for user in users) == [f"{n:02d}" for n in range(80)]


def test_a_week_at_a_time_leaves_nobody_out(shop):
    loads = [due(shop, source, 7) for source in range(1, 3)]
    assert [len(users) for users in loads] == [70, 70]
    assert len(set().union(*loads)) == 80


@pytest.mark.parametrize(
    ("change", "changed", "takers"),
    [
        ("title = 'Lantern'", {"lamp"}, {"taker"}),
        ("category = 'camping'", {"lamp"}, {"taker"}),
        ("description = 'It gives a warm light'", {"lamp"}, {"taker"}),
        ("description = NULL", {"lamp"}, {"taker"}),
        ("price = 6", {"lamp"}, set()),  # no word of it is another
        ("title = title", set(), set()),
    ],
)
def test_who_took_a_product_whose_words_are_others_is_touched(shop, change, changed, takers):
    """The vase is touched as the lamp is, and had no words before and has none now."""
    shop.execute(f"""
        INSERT INTO duckmark.sources VALUES (1);
        ALTER TABLE duckmark.raw_events ADD COLUMN text VARCHAR;
        ALTER TABLE duckmark.raw_events ADD COLUMN rating DOUBLE;
        INSERT INTO duckmark.raw_events (event_id, user_id, product_id) VALUES
            (1, 'taker', 'lamp'), (2, 'other', 'vase'), ({1 << 40}, 'guest', 'lamp'), ({1 << 40}, 'guest', 'vase');
        CREATE OR REPLACE TABLE duckmark.products AS
        SELECT 'lamp' AS product_id, 'Lamp' AS title, 'home' AS category, 'It gives light' AS description, 5 AS price
        UNION ALL
        SELECT 'vase', NULL, NULL, NULL, 5;
        CREATE TABLE duckmark.interactions AS
        SELECT unnest(['taker', 'other']) AS user_id, unnest(['lamp', 'vase']) AS product_id
    """)
    touched = Touched(shop)
    shop.execute(f"UPDATE duckmark.products SET {change} WHERE product_id = 'lamp'")
    touched.after_keys(shop)
    assert {user for (user,) in shop.execute("FROM touched_users").fetchall()} == {"guest"} | takers
    assert {product for (product,) in shop.execute("FROM changed_products").fetchall()} == changed
