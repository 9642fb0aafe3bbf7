"""Which column is what by its name and by what it holds, the surest name first."""

import pytest

from duckmark.collect import collect


def test_the_text_of_a_review_begins_with_its_headline(con, write):
    header = "reviewerID,asin,reviewText,overall,summary"
    collect(con, events=write("e.csv", f"{header}\nu,p,Works well.,5,Good\nu,p,,5,Fine\nu,p,,5,\n"))
    assert con.execute("SELECT text FROM source_events").fetchall() == [
        ("Good\nWorks well.",),
        ("Fine",),
        ("",),
    ]


REVIEWS = (
    "unnest(['A', 'A', 'B', 'B']) AS product_id, unnest(['x', 'y', 'z', 'z']) AS author, 4 AS rating, 'B' AS review"
)


@pytest.mark.parametrize(
    ("columns", "title", "text", "author"),
    [
        (f"{REVIEWS}, unnest(['Fine', 'Nice', 'Bad', 'No']) AS title", None, "Fine\nB", False),
        (f"{REVIEWS}, unnest(['Fine', 'Nice', 'Bad', 'No']) AS title, 'S' AS summary", None, "S\nB", False),
        (f"{REVIEWS}, unnest(['Fine', 'Nice', 'Bad', 'No']) AS title, 'T' AS app_name", "T", "Fine\nB", False),
        (f"{REVIEWS}, unnest(['Fine', 'Nice', 'Bad', 'No']) AS title, 'T' AS product_title", "T", "Fine\nB", False),
        (f"{REVIEWS}, unnest(['Fine', 'Fine', 'Bad', 'Worse']) AS title", "Fine", "B", False),
        (REVIEWS.replace("'y'", "'x'") + ", product_id AS title", "A", "B", True),
        (REVIEWS.replace("4 AS rating, ", "") + ", unnest(['Fine', 'Nice', 'Bad', 'x']) AS title", "Fine", "B", True),
        (REVIEWS.replace("'A', 'A', 'B', 'B'", "'A', 'C', 'D', 'B'") + ", author AS title", "x", "B", True),
    ],
)
def test_the_title_of_a_review_is_its_headline(con, columns, title, text, author):
    report = collect(con, events=f"SELECT {columns} FROM range(3)")[0]
    assert con.execute("SELECT title, text FROM source_events ORDER BY source_row").fetchone() == (title, text)
    assert ("author" in report.mapping.get("events.product_attributes", "")) == author
    again = collect(con, events=f"FROM (SELECT {columns}) LIMIT 1", settled=report.mapping)[0]
    assert con.execute("SELECT title, text FROM source_events").fetchone() == (title, text)
    assert again.mapping == report.mapping


def test_a_book_entered_twice_under_two_titles_makes_no_headlines(con):
    books = "i // 2 * 2 + i % 2 * CAST(i > 1 AS INTEGER) AS product_id, 'T' || i AS title, 4 AS rating, 'B' AS review"
    collect(con, events=f"SELECT {books} FROM range(100) AS _ (i)")
    assert con.execute("SELECT count(DISTINCT product_id), count(DISTINCT title) FROM source_events").fetchall() == [
        (99, 100)
    ]


def test_who_names_the_text_has_it_without_the_title(con):
    columns = f"{REVIEWS}, unnest(['Fine', 'Nice', 'Bad', 'No']) AS title"
    report = collect(con, events=f"SELECT {columns} FROM range(3)", mapping={"text": "review"})[0]
    assert con.execute("SELECT DISTINCT title, text FROM source_events").fetchall() == [(None, "B")]
    assert report.unused == ["author", "title"]


def test_names_are_recognised_whatever_their_case_and_punctuation(con, write):
    header = "Customer-ID,SKU,Event Type,Stars,Review Headline,Review Body,Qty,Unit Price,Order Date,"
    header += "Sales_Channel,ORDERID"
    row = "1,2,view,5,Fine,Works well,1,9.5,2024-03-01,web,7,A,DE,x"
    report = collect(con, events=write("e.csv", f"{header},Brand,Country,Postage Paid\n{row}\n"))[0]
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


@pytest.mark.parametrize(
    ("columns", "target", "value"),
    [
        ("{'id': 7, 'email': 'x'} AS customer", "user_id", "\"customer\"['id']"),
        ("{'Email': 'x', 'name': 'N'} AS customer, 'm' AS id", "user_id", "\"customer\"['Email']"),
        ("{'name': 'N'} AS customer, 'e' AS email", "user_id", '"email"'),
        ("{'id': {'n': 1}} AS customer", "user_id", None),
        ("MAP {'id': 7} AS customer", "user_id", None),
        ("[1, 2] AS customer", "user_id", None),
        ("[{'id': 7}] AS customer", "user_id", None),
        ("{'id': 7} AS channel, 'web' AS medium", "channel", '"medium"'),
        ("{'name': 'T'} AS title", "title", None),
        ("['a', 'b'] AS genres", "category", '"genres"'),
    ],
)
def test_a_column_of_many_values_is_no_id_but_its_field_may_be(con, columns, target, value):
    report = collect(con, events=f"SELECT 1 AS product_id, {columns}")[0]
    assert report.mapping.get(f"events.{target}") == value


@pytest.mark.parametrize("rows", [1, 5_000])
@pytest.mark.parametrize(
    ("columns", "target", "value"),
    [
        ("' ' AS order_id", "order_id", None),
        ("NULL AS order_id, 'i' AS invoice_no", "order_id", '"invoice_no"'),
        ("'' AS user_id, 'c' AS customer_id", "user_id", '"customer_id"'),
        ("{'id': NULL} AS customer, 'e' AS email", "user_id", '"email"'),
        ("'' AS event_type, 'view' AS type", "kind", '"type"'),
        ("CAST(NULL AS DATE) AS order_date", "at", None),
        ("CAST(NULL AS DATE) AS order_date, DATE '2024-03-01' AS noted", "at", 'CAST("noted" AS TIMESTAMP)'),
        ("CASE WHEN i = n - 1 THEN 'o' END AS order_id, 'i' AS invoice_no", "order_id", '"order_id"'),
    ],
)
def test_a_blank_column_is_as_good_as_none(con, columns, target, value, rows):
    report = collect(con, events=f"SELECT 1 AS product_id, {columns} FROM (SELECT {rows} AS n), range(n) AS r (i)")[0]
    assert report.mapping.get(f"events.{target}") == value


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


SHOPS = {
    "Magento": (
        "item_id,order_id,created_at,customer_email,product_id,qty_ordered,qty_refunded,price",
        "7,1,2024-03-01,a@b.c,p,2.0000,0.0000,9.5",
        {"order_id": "1", "user_id": "a@b.c", "quantity": "2.0000", "price": "9.5"},
    ),
    "PrestaShop": (
        "id_order,id_customer,date_add,id_product,product_quantity,product_price",
        "1,u,2024-03-01 10:00:00,p,2,9.5",
        {"order_id": "1", "user_id": "u", "quantity": "2", "price": "9.5"},
    ),
    "Shopify": (
        "Email,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku",
        "a@b.c,2024-03-01,2,T,9.5,p",
        {"user_id": "a@b.c", "quantity": "2", "price": "9.5", "title": "T"},
    ),
    "Stripe": (
        "Created date (UTC),Customer Email,Customer ID,Invoice ID,product_id",
        "2024-03-01 10:00,a@b.c,u,,p",
        {"user_id": "u", "order_id": None},
    ),
    "Trustpilot": (
        "Review Created (UTC),Review Consumer Id,Review Title,Review Content,Review Stars,Item ID",
        "2024-03-01,u,T,B,4,p",
        {"user_id": "u", "rating": "4", "text": "T\nB"},
    ),
    "Goodreads": (
        "Book Id,Title,My Rating,Average Rating,Date Read,Date Added,My Review",
        "p,T,4,3.9,,2024/03/01,B",
        {"rating": "4", "text": "B", "title": "T"},
    ),
}


@pytest.mark.parametrize("shop", SHOPS)
def test_exports_of_shops(con, write, shop):
    header, row, values = SHOPS[shop]
    collect(con, events=write("e.csv", f"{header}\n{row}\n"))
    found = con.execute(
        f"SELECT happened_at IS NOT NULL, product_id, {', '.join(values)} FROM source_events"
    ).fetchone()
    assert found == (True, "p", *values.values())


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


@pytest.mark.parametrize(
    "name",
    ["TradeDate", "trade_date", "occurred_at", "happened_on", "booking date", "enrolled_at", "posted_at", "Valuta"],
)
def test_times_of_other_trades(con, name):
    mapped = collect(con, events=f"SELECT 1 AS product_id, '2024-03-01' AS \"{name}\"")[0].mapping
    assert name in mapped["events.at"]
