"""What word vectors are trained on: documents, and baskets of titles; of many of them some."""

from importlib.resources import files

import duckdb

from duckmark.sqlfiles import parse_step

SQL = files("duckmark.sql").joinpath("2_profile/sentences.sql").read_text(encoding="utf-8")
Sentences = dict[tuple[str, str], list[str]]


def sentences(con: duckdb.DuckDBPyConnection, most: int = 50_000) -> Sentences:
    """The terms of each source and id, with ``most`` in place of the fifty thousand of a large shop."""
    body = parse_step(SQL, "sentences.sql", "profile").body
    body = body.replace("50000", str(most))
    return {(source, id): terms for source, id, terms in con.execute(body).fetchall()}


def test_a_basket_is_what_one_person_took_on_a_day(con):
    titles = dict(con.execute("SELECT document_id, terms FROM duckmark.documents WHERE source = 'product'").fetchall())
    events = "SELECT user_id, order_id, happened_at, product_id FROM duckmark.events WHERE user_id IS NOT NULL"
    expected: dict[str, list[str]] = {}
    for user, order, at, product in con.execute(f"{events} ORDER BY event_id").fetchall():
        expected.setdefault(f"{user} {order or at.date()}", []).extend(titles[product])
    assert {id: terms for (source, id), terms in sentences(con).items() if source == "basket"} == expected


def test_of_many_some_are_drawn_and_products_all(con):
    whole, drawn = sentences(con), sentences(con, 20)
    numbers = {source: sum(key[0] == source for key in whole) for source in ("product", "review", "basket")}
    parts = {source: 1 if source == "product" else -(-number // 20) for source, number in numbers.items()}
    assert parts["review"] > 1
    assert parts["basket"] > 1
    lots = {id: con.execute("SELECT md5_number_lower(?)", [id]).fetchall()[0][0] for _, id in whole}
    assert drawn == {(source, id): terms for (source, id), terms in whole.items() if lots[id] % parts[source] == 0}
