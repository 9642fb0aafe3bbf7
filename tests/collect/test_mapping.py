"""Which column is what: layouts, names, overrides, and what is said where it is not plain."""

import pytest

from duckmark.collect import collect
from duckmark.errors import MappingError

HEADERS = {
    "Online Retail (UCI)": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID",
    "Online Retail II (UCI)": "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
    "Amazon reviews (2014)": "reviewerID,asin,helpful,reviewText,overall,summary,unixReviewTime,reviewTime",
    "Amazon reviews (2023)": "rating,title,text,images,asin,parent_asin,user_id,timestamp",
    "Women's clothing reviews": ",Clothing ID,Age,Title,Review Text,Rating,Division Name,Class Name",
    "RetailRocket": "timestamp,visitorid,event,itemid,transactionid",
    "MovieLens (ratings.csv)": "userId,movieId,rating,timestamp",
    "goodbooks (ratings.csv)": "user_id,book_id,rating",
}


@pytest.mark.parametrize("layout", HEADERS)
def test_layouts(con, write, layout):
    header = HEADERS[layout]
    report = collect(con, events=write("e.csv", header + "\n" + "," * header.count(",") + "\n"))[0]
    assert report.layout == layout


def test_the_text_of_a_review_begins_with_its_headline(con, write):
    header = "reviewerID,asin,reviewText,overall,summary"
    collect(con, events=write("e.csv", f"{header}\nu,p,Works well.,5,Good\nu,p,,5,Fine\nu,p,,5,\n"))
    assert con.execute("SELECT text FROM source_events").fetchall() == [
        ("Good\nWorks well.",),
        ("Fine",),
        ("",),
    ]


def test_a_file_without_header_is_recognised_by_its_values(con, write):
    report = collect(con, events=write("u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n"))[0]
    assert report.layout == "MovieLens 100K (u.data)"
    row = con.execute("SELECT user_id, product_id, rating, CAST(happened_at AS VARCHAR) FROM source_events").fetchone()
    assert row == ("196", "242", "3", "1997-12-04 15:55:49")


def test_four_columns_without_header_are_not_always_movielens(con, write):
    with pytest.raises(MappingError, match="column0, column1, column2, column3"):
        collect(con, events=write("u.csv", "1,2,300,4\n"))


def test_names_are_recognised_whatever_their_case_and_punctuation(con, write):
    header = "Customer-ID,SKU,Event Type,Stars,Review Headline,Review Body,Qty,Unit Price,Order Date,"
    header += "Sales_Channel,ORDERID"
    report = collect(con, events=write("e.csv", header + ",Brand,Country,Postage Paid\n1,2,view,,,,,,,,,A,DE,x\n"))[0]
    targets = {target.removeprefix("events.") for target in report.mapping}
    assert targets == {
        "user_id", "product_id", "kind", "rating", "text", "quantity", "price", "at", "channel", "order_id",
        "user_attributes", "product_attributes",
    }  # fmt: skip
    assert report.layout is None
    assert report.unused == ["Postage Paid"]
    attributes = con.execute("SELECT user_attributes, product_attributes FROM source_events").fetchone()
    assert attributes == ({"Country": "DE"}, {"Brand": "A"})


def test_surer_names_come_first(con):
    collect(con, events="SELECT 'b' AS item, 'a' AS product_id, 'd' AS customer, 'c' AS user_id")
    assert con.execute("SELECT product_id, user_id FROM source_events").fetchone() == ("a", "c")


def test_catalogues_keep_all_their_other_columns(con):
    collect(
        con,
        events="SELECT 1 AS product_id",
        products="SELECT 7 AS id, 'T' AS name, 'red' AS colour, 3 AS \"it's\", 1.5 AS price",
        users="SELECT '01' AS id, 30 AS age, [1, 2] AS tags",
    )
    product = con.execute("SELECT product_id, title, price, attributes FROM source_products").fetchone()
    assert (product[0], product[1], float(product[2]), product[3]) == (
        7,
        "T",
        1.5,
        {"colour": "red", "it's": "3"},
    )
    assert con.execute("SELECT user_id, attributes FROM source_users").fetchone() == (
        "01",
        {"age": "30", "tags": "[1, 2]"},
    )


@pytest.mark.parametrize(
    ("user", "product"),
    [
        ("learner_id", "course_id"), ("StudentID", "lesson_id"), ("pupil", "module"), ("actor_id", "content_id"),
        ("account_id", "ISIN"), ("investor", "fund_id"), ("member_id", "instrument"), ("account", "security_id"),
        ("subscriber_id", "post_id"), ("viewer_id", "video_id"),
    ],
)  # fmt: skip
def test_ids_of_other_trades(con, user, product):
    events = f"SELECT 'p' AS {product}, 'u' AS {user}"
    collect(con, events=events, products=f"SELECT 'p' AS {product}", users=f"SELECT 'u' AS {user}")
    ids = "SELECT e.user_id, u.user_id, e.product_id, p.product_id FROM source_events e, source_users u, "
    assert con.execute(f"{ids} source_products p").fetchall() == [("u", "u", "p", "p")]


def test_the_key_of_a_catalogue_goes_before_the_keys_it_refers_to(con):
    catalogue = "SELECT 'p' AS id, 'c' AS course_id, 'f' AS fund_id"
    users = "SELECT 'u' AS id, 's' AS subscriber_id"
    collect(con, events="SELECT 'p' AS product_id", products=catalogue, users=users)
    ids = con.execute("SELECT product_id, user_id FROM source_products, source_users").fetchall()
    assert ids == [("p", "u")]


@pytest.mark.parametrize(
    ("columns", "title", "description", "category"),
    [
        ("course_title, course_description, subject", "course_title", "course_description", "subject"),
        ("FundName, Synopsis, AssetClass, Class", "FundName", "Synopsis", "AssetClass"),
        ("headline, abstract, topic", "headline", "abstract", "topic"),
        ("subject, body, section", "subject", "body", "section"),
        ("post_id, post_text, department", None, "post_text", "department"),
        ("name, headline, content, genre, topic", "name", "content", "genre"),
        ("title, summary, text, category, subject", "title", "summary", "category"),
        ("product, details", "product", "details", None),
    ],
)
def test_what_other_trades_call_their_texts(con, columns, title, description, category):
    named = ", ".join(f"'x' AS {column}" for column in columns.split(", "))
    products = f"SELECT 1 AS product_id, {named}"
    found = collect(con, events="SELECT 1 AS product_id", products=products)[1].mapping
    wanted = {"title": title, "description": description, "category": category}
    wanted = {f"products.{target}": f'"{column}"' for target, column in wanted.items() if column}
    assert {target: sql for target, sql in found.items() if target in wanted} == wanted
    assert ("products.title" in found) == bool(title)


def test_texts_of_other_trades_in_the_events(con):
    events = "SELECT 1 AS product_id, 'B' AS body, 'T' AS course_title, 'D' AS post_text, 'C' AS asset_class"
    collect(con, events=events)
    row = con.execute("SELECT text, title, description, category FROM source_events").fetchall()
    assert row == [("B", "T", "D", "C")]


@pytest.mark.parametrize(
    ("column", "values", "is_kind"),
    [
        ("verb", ["view", "like", "zap"], True),
        ("transaction_type", ["buy", "BUY", "refund"], True),
        ("engagement", ["share", "comment", "like"], True),
        ("transaction_type", ["card", "cash", "buy"], False),
        ("activity", ["running", "swimming", ""], False),
        ("type", [""], False),
    ],
)
def test_a_column_that_may_be_the_kind_is_it_by_what_it_holds(con, column, values, is_kind):
    query = f"SELECT 1 AS product_id, unnest({values}) AS {column}"
    weights = {"zap": 1}
    assert ("events.kind" in collect(con, events=query, weights=weights)[0].mapping) == is_kind


TIME = "TIMESTAMP '2024-03-01 10:00:00'"


@pytest.mark.parametrize(
    "name",
    ["TradeDate", "trade_date", "occurred_at", "happened_on", "booking date", "enrolled_at", "posted_at", "Valuta"],
)
def test_times_of_other_trades(con, name):
    mapped = collect(con, events=f"SELECT 1 AS product_id, '2024-03-01' AS \"{name}\"")[0].mapping
    assert name in mapped["events.at"]


@pytest.mark.parametrize(
    ("columns", "at"),
    [
        (f"{TIME} AS noted", '"noted"'),
        ("DATE '2024-03-01' AS noted", 'CAST("noted" AS TIMESTAMP)'),
        (f"{TIME} AS noted, DATE '1980-01-01' AS birth_date, {TIME} AS product_since", '"noted"'),
        (f"{TIME} AS noted, {TIME} AS seen_last", None),
        ("'2024-03-01' AS noted", None),
        ("DATE '1980-01-01' AS birth_date", None),
    ],
)
def test_the_only_column_of_times_is_the_time_whatever_its_name(con, columns, at):
    report = collect(con, events=f"SELECT 1 AS product_id, {columns}")[0]
    assert report.mapping.get("events.at") == at
    assert ("noted" in report.unused) == (at is None and "noted" in columns)


def test_the_only_column_of_times_can_be_left_out_or_used_otherwise(con):
    query = f"SELECT 1 AS product_id, {TIME} AS noted"
    for mapping in ({"at": "NULL"}, {"channel": "noted"}):
        assert "events.at" not in collect(con, events=query, mapping=mapping)[0].mapping


def test_missing_columns_are_typed_nulls(con):
    collect(con, events="SELECT 1 AS product_id")
    types = dict(
        con.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'source_events'").fetchall()
    )
    assert types["happened_at"] == "TIMESTAMP"
    assert types["rating"] == "DOUBLE"
    assert types["user_attributes"] == "MAP(VARCHAR, VARCHAR)"
    assert types["source_id"] == types["source_row"] == "BIGINT"
    assert con.execute("SELECT count(*) FROM source_products").fetchone() == (0,)


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


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (
            {"events": "SELECT 1 AS foo, 2 AS bar"},
            ["the product_id", "foo, bar", "--map events.product_id=COLUMN"],
        ),
        (
            {"events": "SELECT 1 AS sku", "products": "SELECT 1 AS foo"},
            ["products:", "--map products.product_id"],
        ),
        ({"events": "SELECT 1 AS sku", "users": "SELECT 1 AS foo"}, ["users:", "--map users.user_id"]),
    ],
)
def test_without_an_id_the_error_says_how_to_name_it(con, sources, words):
    with pytest.raises(MappingError) as caught:
        collect(con, **sources)
    assert all(word in str(caught.value) for word in words), str(caught.value)


NOTED = f"{TIME} AS noted, {TIME} AS logged"


@pytest.mark.parametrize(
    ("columns", "mapping", "missing"),
    [
        ("'x' AS other", {}, [("user_id", ["other"], False), ("kind", ["other"], False), ("at", ["other"], False)]),
        ("1 AS rating, 'u' AS user_id, 'x' AS other", {}, [("at", ["other"], False)]),
        (f"2 AS price, 'u' AS user_id, 'x' AS other, {NOTED}", {}, [("at", ["noted", "logged"], True)]),
        (f"2 AS price, 'u' AS user_id, {NOTED}", {"at": "logged"}, []),
        (f"2 AS price, {NOTED}", {"at": "NULL", "user_id": "NULL"}, []),
        ("2 AS price, DATE '2024-03-01' AS at, ' ' AS user_id", {}, [("user_id", ["user_id"], False)]),
        ("2 AS price, 'u' AS user_id, 'soon' AS date", {}, [("at", ["date"], False)]),
    ],
)
def test_what_is_not_recognised_in_the_events(con, columns, mapping, missing):
    report = collect(con, events=f"SELECT 1 AS product_id, {columns}", mapping=mapping)[0]
    assert [(one.target, one.columns, one.are_times) for one in report.missing] == missing


def test_a_catalogue_without_titles(con):
    products = "SELECT 1 AS product_id, 'red' AS colour, 'd' AS description"
    report = collect(con, events="SELECT 1 AS product_id", products=products)[1]
    assert [(one.target, one.columns) for one in report.missing] == [("title", ["colour"])]
    left_out = collect(con, events="SELECT 1 AS product_id", products=products, mapping={"products.title": "NULL"})
    assert left_out[1].missing == []


def test_what_a_known_layout_has_not_is_not_missed_but_for_times_to_choose_from(con):
    ratings = "SELECT 'u' AS user_id, 'b' AS book_id, 4 AS rating"
    assert collect(con, events=ratings)[0].missing == []
    (missing,) = collect(con, events=f"{ratings}, {NOTED}")[0].missing
    assert (missing.target, missing.columns) == ("at", ["noted", "logged"])
