"""Complaints by category: those of its products taken together, with their own words."""

from tests.feedback.test_complaints import PLANTED


def rows_of(con, query):
    return con.execute(query).fetchall()


def test_a_category_of_one_product_hears_what_the_product_does(shop):
    products = ["a", "b", *(f"c{i}" for i in range(8)), "few"]
    con = shop(PLANTED, categories={product: f"kind {product}" for product in products})
    compared = 0
    for product in products:
        own = rows_of(con, f"SELECT rank, term, reviews, share, score FROM complaints('{product}', 5)")
        found = f"SELECT rank, term, reviews, share, score FROM category_complaints WHERE category = 'kind {product}'"
        assert rows_of(con, found) == own
        compared += len(own)
    assert compared > 3


def test_a_category_is_quoted_from_its_own_complaints(shop):
    con = shop(PLANTED, categories={"a": "lamps", "c0": "lamps", "b": "fans"})
    rows = rows_of(con, "SELECT category, term, example FROM category_complaints")
    assert {("lamps", "plug broke"), ("fans", "hums")} <= {row[:2] for row in rows}
    for category, term, example in rows:
        query = "SELECT text FROM feedback WHERE category = ? AND label = 'negative'"
        assert any(example in text for (text,) in con.execute(query, [category]).fetchall())
        assert all(word in example for word in term.split())
    assert {row[0] for row in rows} == {"lamps", "fans"}
