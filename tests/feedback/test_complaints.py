"""Complaints and praises: the statistic by hand, what was planted comes first, and who has none."""

from math import log, sqrt

import numpy as np
import pytest

THINGS = ["shade", "bulb", "cord", "glass", "stand", "colour", "light", "switch", "base", "screw"]


def reviews(product: str, rating: int, planted: str, count: int, share: float, seed: int = 1) -> list[dict]:
    """Reviews of two things at random; a ``share`` of them has the planted words between these."""
    chance = np.random.default_rng(seed)
    return [
        {
            "product": product,
            "rating": rating,
            "text": f"{chance.choice(THINGS)} {planted if i < share * count else 'box'} {chance.choice(THINGS)}.",
        }
        for i in range(count)
    ]


# Of product a the plug broke; b is hummed at; others have neither, and few of either.
PLANTED = [
    *reviews("a", 1, "the plug broke", 20, 0.7),
    *reviews("a", 5, "quiet", 40, 0.6),
    *reviews("b", 1, "hums", 20, 0.5),
    *reviews("b", 5, "tidy", 40, 0.3),
    *(row for i in range(8) for row in reviews(f"c{i}", 1, "hums", 10, 0.1, seed=i)),
    *(row for i in range(8) for row in reviews(f"c{i}", 5, "quiet", 30, 0.1, seed=9 + i)),
    *reviews("few", 1, "hums", 1, 1),
]


@pytest.fixture
def con(shop):
    return shop(PLANTED)


def ask(con, query):
    return con.execute(query).fetchall()


def test_what_was_planted_comes_first(con):
    assert ask(con, "SELECT term, reviews, share FROM complaints('a', 1)") == [("plug broke", 14, 0.7)]
    assert ask(con, "SELECT term, reviews, share FROM complaints('b', 1)") == [("hums", 10, 0.5)]
    assert ask(con, "SELECT term, reviews, share FROM praises('a', 1)") == [("quiet", 24, 0.6)]
    assert ask(con, "SELECT term FROM praises('b', 1)") == [("tidy",)]


def test_the_example_has_the_term_and_is_of_the_product(con):
    for macro, product, label in (("complaints", "a", "negative"), ("praises", "b", "positive")):
        rows = ask(con, f"SELECT term, example FROM {macro}('{product}')")
        said = ask(con, f"SELECT text FROM feedback WHERE product_id = '{product}' AND label = '{label}'")
        assert rows
        for term, example in rows:
            assert any(example in text for (text,) in said)
            assert all(word in example for word in term.split())


def test_the_score_is_of_two_log_odds_with_a_prior(con):
    score = ask(con, "SELECT score FROM complaints('b', 1)")[0][0]
    counted = "duckmark.product_mentions AS m SEMI JOIN duckmark.said_terms AS s ON s.term = m.term"
    mentions = f"SELECT sum(m.reviews), sum(m.negative) FROM {counted}"
    shop, _ = ask(con, mentions)[0]
    own, own_negative = ask(con, f"{mentions} WHERE product_id = 'b'")[0]
    everywhere, _ = ask(con, f"{mentions} WHERE m.term = 'hums'")[0]
    here, negative = ask(con, f"{mentions} WHERE m.term = 'hums' AND product_id = 'b'")[0]
    prior = 500 * everywhere / shop

    def z(others: float, all_others: float) -> float:
        one, other = negative + prior, others + prior
        odds = log(one / (500 + own_negative - one)) - log(other / (500 + all_others - other))
        return odds / sqrt(1 / one + 1 / other)

    expected = z(everywhere - negative, shop - own_negative) + z(here - negative, own - own_negative)
    assert score == pytest.approx(expected / sqrt(2), abs=0.006)


def test_ranks_and_k(con):
    assert [rank for (rank,) in ask(con, "SELECT rank FROM praises('a', 3)")] == list(
        range(1, 1 + len(ask(con, "FROM praises('a', 3)")))
    )
    assert len(ask(con, "FROM praises('a', k := 1)")) == 1


@pytest.mark.parametrize("product", ["'unheard of'", "NULL", "'few'", "42"])
@pytest.mark.parametrize("macro", ["complaints", "praises"])
def test_of_whom_little_is_known_there_are_no_rows(con, macro, product):
    assert ask(con, f"FROM {macro}({product})") == []


def test_what_a_product_is_called_is_no_complaint(con):
    """Every lamp's review says lamp; the shop's product p is called so."""
    con.execute("UPDATE duckmark.products SET product_id = 'a', title = 'The plug broke' WHERE product_id = 'p'")
    con.execute("INSERT INTO duckmark.product_terms (product_id, term, own_count) VALUES ('a', 'plug broke', 3)")
    assert "plug broke" not in [term for (term,) in ask(con, "SELECT term FROM complaints('a')")]


def test_readable_text(con):
    text = "He said&#34;: &amp;lt;5&#39; &quot;well&quot;\n\n &gt; 4 &#8217;"
    query = "SELECT duckmark.readable(?), duckmark.readable(NULL), duckmark.readable('plain')"
    found = con.execute(query, [text]).fetchall()[0]
    assert found == ('He said": &lt;5\' "well" > 4 ’', None, "plain")


def test_sentences_are_cut_at_their_ends(con):
    query = "SELECT duckmark.split_sentences('It is 5.5 long! \"Why?\" No... well, yes')"
    assert ask(con, query) == [(["It is 5.5 long!", '"Why?"', "No...", "well, yes"],)]


def test_chinese_sentences_need_no_blank(con):
    query = "SELECT duckmark.split_sentences('质量差！！“很失望。”包装破了。 Bad. 2.5分。')"
    assert ask(con, query) == [(["质量差！！", "“很失望。”", "包装破了。", "Bad.", "2.5分。"],)]
