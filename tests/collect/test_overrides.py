"""Which column is what where the user says so."""

import pytest

from duckmark.collect import collect
from duckmark.errors import MappingError


class TestOverrides:
    CSV = "customer,thing,stars,note\n1,a,2,x\n2,b,2.5,y\n"

    def one(self, con, write, **mapping):
        collect(con, events=write("e.csv", self.CSV), mapping={"product_id": "thing", **mapping})
        return con.execute("SELECT rating, text, user_id FROM source_events").fetchall()

    def test_an_expression_may_reckon_with_the_text_of_a_csv(self, con, write):
        assert self.one(con, write, rating="stars * 1.0") == [(2.0, None, "1"), (2.5, None, "2")]

    def test_an_expression_may_reckon_with_decimals_behind_a_comma(self, con, write):
        path = write("e.csv", "thing;Kurs\na;1.100,25\nb;7,5\n")
        collect(con, events=path, mapping={"product_id": "thing", "price": "Kurs * 2 -- both ways"})
        assert con.execute("SELECT price FROM source_events").fetchall() == [(2200.5,), (15,)]

    def test_an_expression_may_reckon_with_thousands_and_currencies(self, con, write):
        path = write("e.csv", 'thing,total,n\na,"$1,234.50",2\nb,(9.50),1\n')
        collect(con, events=path, mapping={"product_id": "thing", "price": "total / n"})
        assert con.execute("SELECT price FROM source_events").fetchall() == [(617.25,), (-9.5,)]

    def test_an_expression_over_a_parquet_file_where_it_lies(self, con, tmp_path):
        path = str(tmp_path / "e.parquet")
        con.execute(f"COPY (SELECT 'a' AS thing, 9 AS stars) TO '{path}'")
        collect(con, events=path, mapping={"product_id": "thing", "rating": "stars / 2"})
        assert con.execute("SELECT product_id, rating FROM source_events").fetchall() == [("a", 4.5)]
        with pytest.raises(MappingError, match="no column strs"):
            collect(con, events=path, mapping={"product_id": "thing", "rating": "strs / 2"})

    def test_what_an_override_reckons_with_is_still_what_its_name_says(self, con):
        query = "SELECT 'u' AS user_id, 1 AS product_id, 3 AS quantity, 12 AS total, '2024-01-05' AS date"
        collect(con, events=query, mapping={"price": "total / quantity", "order_id": "user_id || date"})
        found = con.execute(
            "SELECT user_id, quantity, price, order_id, CAST(happened_at AS VARCHAR) FROM source_events"
        )
        assert found.fetchall() == [("u", 3, 4, "u2024-01-05", "2024-01-05 00:00:00")]

    def test_bare_and_full_target(self, con, write):
        path = write("e.csv", self.CSV)
        collect(con, events=path, mapping={"events.product_id": "thing", "text": "upper(note)"})
        assert con.execute("SELECT text FROM source_events").fetchall() == [("X",), ("Y",)]

    def test_a_bare_id_holds_for_the_sources_that_have_its_column(self, con):
        collect(
            con,
            events="SELECT 'a' AS \"Fund Key\", 'u' AS holder",
            products="SELECT 'a' AS \"fund key\", 7 AS id",
            users="SELECT 'u' AS holder, 8 AS id",
            mapping={"product_id": "Fund Key", "user_id": "HOLDER"},
        )
        ids = "SELECT p.product_id, u.user_id FROM source_products AS p, source_users AS u"
        assert con.execute(ids).fetchall() == [("a", "u")]

    @pytest.mark.parametrize(
        ("mapping", "product"),
        [
            ({"product_id": "thing", "products.product_id": "id"}, 7),
            ({"events.product_id": "thing"}, 7),
            ({"product_id": "upper(thing)"}, 7),
            ({"product_id": "thing"}, "a"),
        ],
    )
    def test_an_id_that_is_named_for_events_or_by_an_expression_does_not(self, con, mapping, product):
        products = "SELECT 'a' AS thing, 7 AS id"
        collect(con, events="SELECT 'a' AS thing", products=products, mapping=mapping)
        assert con.execute("SELECT product_id FROM source_products").fetchall() == [(product,)]

    def test_a_bare_id_whose_column_a_catalogue_has_not_leaves_it_to_its_names(self, con):
        collect(con, events="SELECT 'a' AS thing", products="SELECT 7 AS id", mapping={"product_id": "thing"})
        assert con.execute("SELECT product_id FROM source_products").fetchall() == [(7,)]

    def test_a_comment_at_the_end_is_harmless(self, con, write):
        assert self.one(con, write, text="note -- the note")[0][1] == "x"

    def test_null_leaves_a_target_out(self, con, write):
        rows = self.one(con, write, user_id="NULL")
        assert [row[2] for row in rows] == [None, None]
        assert con.execute("SELECT DISTINCT user_expected FROM source_events").fetchall() == [(False,)]

    def test_a_mapping_for_a_source_that_is_not_there_is_refused(self, con):
        with pytest.raises(MappingError, match="names columns of products, and no products are given"):
            collect(con, events="SELECT 1 AS product_id", mapping={"products.title": "name"})

    def test_a_text_that_an_override_puts_together_of_columns_has_taken_them(self, con):
        query = "SELECT 1 AS product_id, 'head' AS title, 'body' AS body"
        collect(con, events=query, mapping={"text": "title || body"})
        assert con.execute("SELECT text, title FROM source_events").fetchone() == ("headbody", None)

    def test_the_report_given_back_reads_the_source_the_same_way(self, con, write):
        path = write(
            "e.csv",
            "InvoiceDate,user_id,product_id,rating\n13/01/2024 10:00,1,2,10\n14/01/2024 10:00,1,3,5\n",
        )
        first = collect(con, events=path)[0]
        rows = con.execute("SELECT * FROM source_events").fetchall()
        again = collect(con, events=path, mapping=first.mapping)[0]
        assert con.execute("SELECT * FROM source_events").fetchall() == rows
        assert again.mapping == first.mapping

    @pytest.mark.parametrize(
        ("mapping", "words"),
        [
            ({"ratng": "stars"}, ["'ratng' is not something to map", "Did you mean events.rating?"]),
            ({"product.title": "x"}, ["'product.title'", "products.title"]),
            (
                {"rating": "strs * 2"},
                ["has no column strs", "Did you mean stars?", "customer, thing, stars, note"],
            ),
            ({"rating": "STRS"}, ["has no column STRS", "Did you mean stars?"]),
            ({"rating": "stars +"}, ["events.rating = stars +", "syntax error"]),
            ({"rating": "stars; DROP SCHEMA duckmark"}, ["more than one statement"]),
            ({"rating": "1) FROM x; --"}, ["syntax error"]),
            ({"rating": "frob(stars)"}, ["frob does not exist"]),
            ({"rating": "sum(stars)"}, ["events.rating = sum(stars)"]),
            ({"at": "note"}, ["mapping events.at", "strptime"]),
        ],
    )
    def test_errors(self, con, write, mapping, words):
        with pytest.raises(MappingError) as caught:
            self.one(con, write, **mapping)
        assert all(word in str(caught.value) for word in words), str(caught.value)
