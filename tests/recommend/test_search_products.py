"""`search_products`: by meaning and by words."""

import pytest


def test_search_finds_a_product_by_the_words_of_its_title(ask, plain):
    titles = plain.sql("SELECT product_id, title FROM product_profiles ORDER BY 1 LIMIT 8 OFFSET 3").fetchall()
    first = " UNION ALL ".join(f"SELECT '{p}' AS asked, product_id FROM search_products('{t}', 1)" for p, t in titles)
    assert all(row["asked"] == row["product_id"] for row in ask(first))
    assert ask("SELECT title FROM search_products('the GUITAR!', 2) ORDER BY ALL") == [
        {"title": "Classical Guitar"},
        {"title": "Travel Guitar"},
    ]


@pytest.mark.parametrize("query", ["''", "'zyzzyva'", "NULL", "'🎸'"])
def test_a_search_for_what_is_not_there(ask, query):
    assert ask(f"FROM search_products({query})") == []
