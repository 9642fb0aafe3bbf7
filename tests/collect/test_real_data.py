"""The public data sets, with counts that were made by hand from the files."""

import pytest

from duckmark.collect import collect


def counts(con):
    query = "SELECT rule, rows FROM data_quality WHERE source = 'events' AND source_id = 0"
    return dict(con.execute(query).fetchall())


def size(con):
    query = "SELECT (SELECT count(*) FROM duckmark.{}), ".replace("{}", "events")
    query += "(SELECT count(*) FROM duckmark.products), (SELECT count(*) FROM duckmark.users)"
    return con.execute(query).fetchone()


def test_online_retail(clean, shared_data):
    con = clean(shared_data("online-retail/online_retail.parquet"))
    assert counts(con) == {
        "usable": 388_385,
        "no customer": 135_080,
        "duplicate": 5_225,
        "not goods": 1_911,
        "price not positive": 34,
        "cancellation": 7_454,
        "cancellation without a purchase": 1_052,
        "cancelled purchase": 2_768,
        "partly cancelled": 4_562,
    }
    assert size(con) == (388_385, 3_646, 4_324)


def test_online_retail_as_raw_csv_gives_the_same_events(con, clean, shared_data):
    columns = "user_id, product_id, kind, quantity, price, happened_at, order_id"
    query = f"SELECT {columns} FROM duckmark.events ORDER BY ALL"
    days = clean(str(shared_data("online-retail/by-day") / "*.csv")).execute(query).fetchall()
    last = con.execute("SELECT max(happened_at) FROM source_events").fetchone()[0]
    parquet = shared_data("online-retail/online_retail.parquet")
    clean(f"FROM '{parquet}' WHERE InvoiceDate <= TIMESTAMP '{last}'")
    assert con.execute(query).fetchall() == days


def test_amazon(clean, shared_data):
    con = clean(shared_data("amazon-musical-instruments/reviews.csv"))
    assert counts(con) == {"usable": 10_261}
    assert size(con) == (10_261, 900, 1_429)
    user = con.execute("SELECT attributes FROM duckmark.users WHERE user_id = 'A2IBPI20UZIR0U'").fetchone()[0]
    assert list(user) == ["reviewerName"]
    first = con.execute(
        "SELECT text, rating, CAST(happened_at AS VARCHAR) FROM duckmark.events WHERE event_id = 1"
    ).fetchone()
    assert first[0].startswith("good\nNot much to write about here")
    assert first[1:] == (5.0, "2014-02-28 00:00:00")


def test_movielens(clean, shared_data):
    con = clean(shared_data("movielens-100k/u.data"))
    assert counts(con) == {"usable": 100_000}
    assert size(con) == (100_000, 1_682, 943)
    assert con.execute("SELECT DISTINCT kind FROM duckmark.events").fetchall() == [("rating",)]


def test_movielens_with_its_catalogue(clean, shared_data):
    folder = shared_data("movielens-100k")
    items = f"""
        SELECT column00 AS id, column01 AS title
        FROM read_csv('{folder / "u.item"}', delim='|', encoding='latin-1', header=false, all_varchar=true)
    """
    con = clean(folder / "u.data", products=items, users=f"FROM read_csv('{folder / 'u.user'}', all_varchar=true)")
    assert con.execute("SELECT title FROM duckmark.products WHERE product_id = '1'").fetchone() == ("Toy Story (1995)",)
    user = con.execute("SELECT attributes FROM duckmark.users WHERE user_id = '8'").fetchone()[0]
    assert user == {"age": "36", "gender": "M", "occupation": "administrator", "zip_code": "05201"}


def test_clothing(clean, shared_data):
    con = clean(shared_data("clothing-reviews/reviews.csv"))
    assert counts(con) == {"usable": 23_485, "duplicate": 1}
    assert size(con)[1:] == (1_206, 0)
    assert con.execute("SELECT count(*) FROM duckmark.raw_events WHERE text IS NULL").fetchone() == (844,)
    assert con.execute("SELECT category FROM duckmark.products WHERE product_id = '1078'").fetchone() == ("Dresses",)


def test_goodbooks(clean, shared_data):
    con = clean(shared_data("books/ratings.csv"), products=shared_data("books/books.csv"))
    assert sum(rows for rule, rows in counts(con).items()) == 298_176
    assert size(con)[1:] == (10_000, 2_672)
    title = con.execute("SELECT title FROM duckmark.products WHERE product_id = '1'").fetchone()[0]
    assert title == "The Hunger Games (The Hunger Games, #1)"


@pytest.mark.parametrize("name", ["u.item", "u.user"])
def test_movielens_side_files_say_what_is_wrong_with_them(con, shared_data, name):
    from duckmark.errors import MappingError, SourceError

    with pytest.raises((SourceError, MappingError), match="suffix"):
        collect(con, events=shared_data("movielens-100k") / name)
