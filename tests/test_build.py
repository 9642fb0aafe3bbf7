"""A build: what it keeps, what it reads, what it skips, and that it comes out the same every time."""

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import duckmark
from duckmark.errors import ConfigError, NameTakenError, PipelineError, SourceError
from duckmark.kernels.features import TASTE as TASTES
from duckmark.pipeline import Reporter
from duckmark.steps import STAGES
from tests.database import ask
from tests.shop import DISLIKED, OPTIONS, TASTE, UNSOLD, build_shop, event, event_rows, events, products, users

NOT_ASKED = {"evaluate": False, **OPTIONS}


def skipped(path: Path) -> dict[str, str]:
    return dict(ask(path, "SELECT model, reason FROM models WHERE status = 'skipped'"))


def public_views(path: Path) -> list[str]:
    return [
        name
        for (name,) in ask(path, "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'")
    ]


@pytest.fixture(scope="module")
def own_file(tmp_path_factory) -> Path:
    """A file that held an analyst's own objects, and the catalogue, before the shop was built into it."""
    path = tmp_path_factory.mktemp("own") / "shop.duckdb"
    with duckdb.connect(str(path)) as con:
        con.register("catalogue", products())
        con.register("people", users())
        con.execute("""
            CREATE TABLE my_products AS FROM catalogue;
            CREATE SCHEMA crm;
            CREATE TABLE crm."My People" AS FROM people;
            CREATE VIEW dear AS SELECT product_id FROM my_products WHERE price > 14;
            CREATE MACRO twice(x) AS x + x;
            CREATE MACRO cheap(most) AS TABLE FROM my_products WHERE price <= most;
            CREATE SEQUENCE tickets START 7;
        """)
    frame = events().to_pandas()
    people = 'SELECT * FROM crm."My People"'
    build_shop(duckmark.build, path, events=frame, products="my_products", users=people, options={"evaluate": True})
    return path


def test_the_same_data_and_seed_give_the_same_content_whatever_the_kind_of_source(shop_file, own_file, differences):
    """Arrow tables in one file; a pandas frame, a table of the file and a SELECT in the other."""
    given = {"description", "mapping", "digest", "data_digest"}  # how the sources were given
    assert differences(shop_file, own_file, columns=given) == {}


def test_the_analysts_own_objects_survive_a_build_and_a_rebuild(own_file, tmp_path):
    path = tmp_path / "shop.duckdb"
    path.write_bytes(own_file.read_bytes())
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE VIEW champions AS SELECT user_id FROM user_profiles WHERE segment = 'champion'")
        con.execute("CREATE MACRO gift(who) AS TABLE FROM recommend(who, 1)")
    before = own_content(path)
    duckmark.build(path, events=events(event_rows()[:200]), products="my_products", options=NOT_ASKED)
    assert own_content(path) == before
    assert ask(path, "SELECT count(*) > 0 FROM gift('0001')") == [(True,)]
    assert ask(path, "SELECT count(*) FROM champions")


def own_content(path: Path) -> list:
    queries = (
        "FROM my_products ORDER BY ALL",
        'FROM crm."My People" ORDER BY ALL',
        "FROM dear ORDER BY ALL",
        "SELECT twice(4)",
        "SELECT count(*) FROM cheap(12)",
        "SELECT sequence_name, start_value FROM duckdb_sequences()",
    )
    return [ask(path, query) for query in queries]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("CREATE TABLE segments AS SELECT 1 AS x", "segments"),
        ("CREATE TABLE Models AS SELECT 1 AS x", "Models"),
        ("CREATE VIEW recommendations AS SELECT 1 AS x", "recommendations"),
        ("CREATE MACRO embed(x) AS x", "embed"),
        ("CREATE MACRO recommend(x) AS TABLE SELECT x AS y", "recommend"),
    ],
)
def test_a_name_that_is_taken(tmp_path, fingerprint, statement, name):
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as con:
        con.execute(statement)
    before = fingerprint(tmp_path)
    with pytest.raises(NameTakenError, match=f": {name}; rename"):
        duckmark.build(tmp_path / "shop.duckdb", events=events())
    assert fingerprint(tmp_path) == before


PAIRS = [(user, (user + step) % 8) for user in range(8) for step in (0, 1, 2, 4)]
WORDS = ["guitar", "violin", "drum", "piano", "trumpet", "flute", "cello", "harp", "banjo", "organ", "oboe", "lute"]
TITLES = [f"{WORDS[product]} {WORDS[product + 4]}" for _, product in PAIRS]
DAYS = [f"2024-03-{1 + place % 28:02}" for place in range(32)]


def purchases(**columns: object) -> pa.Table:
    """Eight people who took four of eight things each, with more columns for each of the 32 rows."""
    given = {"user_id": [f"u{user}" for user, _ in PAIRS], "product_id": [f"p{p}" for _, p in PAIRS], **columns}
    return pa.table({name: values for name, values in given.items() if values is not None})


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        pytest.param(
            purchases(at=DAYS),
            {"word_vectors": "too little text: 0 terms", "topics": "there are 0", "hold_out": "too few users"},
            id="no text",
        ),
        pytest.param(
            purchases(user_id=["only"] * 32, title=TITLES, at=DAYS),
            {"user_neighbours": "too few users: 1 with events", "topics": "there are 0", "hold_out": "too few users"},
            id="one user",
        ),
        pytest.param(
            purchases(title=TITLES, at=DAYS), {"topics": "there are 0", "hold_out": "too few users"}, id="no ratings"
        ),
        pytest.param(
            purchases(user_id=None, text=TITLES, at=DAYS),
            {"user_neighbours": "too few users: 0", "topics": "there are 32", "hold_out": "too few users"},
            id="no users column",
        ),
        pytest.param(purchases(title=TITLES), {"topics": "there are 0", "hold_out": "too few users"}, id="no times"),
        pytest.param(
            pa.table({"product_id": ["p"]}),
            {"word_vectors": "0 terms", "topics": "0", "user_neighbours": "0 with events", "hold_out": "too few users"},
            id="one product and nothing else",
        ),
    ],
)
def test_poor_shops_build_and_models_says_what_was_skipped(tmp_path, source, reasons):
    path = tmp_path / "poor.duckdb"
    duckmark.build(path, events=source, options=OPTIONS)
    found = skipped(path)
    trainable = {"word_vectors", "topics", "user_neighbours", "hold_out"}
    assert found.keys() & trainable == reasons.keys()
    for model, reason in reasons.items():
        assert reason in found[model]
    for view in public_views(path):
        ask(path, f"SELECT * FROM {view}")
    assert ask(path, "SELECT count(*) FROM recommend('nobody')")[0][0] > 0


def test_every_public_view_of_a_full_shop_has_rows(shop_file):
    views = public_views(shop_file)
    assert len(views) == 13
    assert {view for view in views if not ask(shop_file, f"SELECT 1 FROM {view} LIMIT 1")} <= {
        "hot_issues",
        "category_complaints",
    }
    assert skipped(shop_file) == {
        "stems": "not asked for: with the option stem = true, word forms (returned, returns) count as one word",
        "chinese_words": "not needed: none of the shop's texts is in Chinese",
        "text_vectors": "not asked for: the embedder is one of words, and embeds any text in any client",
        "sentiment_weights": "too few ratings with text: 153 of 4 or 5 stars and 17 of 1 or 2, at least 50 of each are "
        "needed",
    }


def test_ids_keep_their_leading_zeros(shop_file):
    assert ask(shop_file, "SELECT min(user_id), min(product_id) FROM recommendations") == [("0001", "00100")]


def test_the_planted_tastes_are_found(shop_file):
    rows = ask(shop_file, "SELECT user_id, category FROM recommendations WHERE rank <= 5")
    fitting = [TASTE[int(user)] == category for user, category in rows if int(user) in TASTE]
    assert len(fitting) == 5 * len(TASTE)
    assert sum(fitting) > 0.95 * len(fitting)


def test_the_hold_out_check_beats_popularity(shop_file):
    recall = dict(ask(shop_file, "SELECT model, value FROM evaluation WHERE metric = 'recall'"))
    assert recall.keys() == {"hybrid", "fusion", *TASTES, "popularity", "recent"}
    assert recall["hybrid"] > recall["popularity"]


def test_what_people_dislike_comes_last_and_what_was_never_sold_is_there(shop_file):
    worst = "SELECT product_id, negative_share FROM product_satisfaction ORDER BY rank DESC LIMIT 1"
    assert ask(shop_file, worst) == [(DISLIKED, 1.0)]
    assert ask(shop_file, f"SELECT events FROM product_profiles WHERE product_id = '{UNSOLD}'") == [(None,)]


def test_kept_models_stay_as_they_were_trained(shop_file, tmp_path, differences):
    path = tmp_path / "shop.duckdb"
    path.write_bytes(shop_file.read_bytes())
    more = [event("0060", "00100", "review", text="zither zither lute", rating=5.0, at=event_rows()[0]["at"])] * 3
    build_shop(duckmark.build, path, event_rows() + more, keep_models=True)
    changed = differences(shop_file, path)
    kept = {"word_vectors", "terms", "segment_cuts", "topics", "ranker", "product_factors"}
    assert not changed.keys() & kept
    assert {"events", "user_vectors", "recommendation_lists"} <= changed.keys()
    trained_at = "SELECT model, trained_at, is_stale FROM models WHERE model = 'word_vectors'"
    ((_, before, _),), ((_, after, stale),) = ask(shop_file, trained_at), ask(path, trained_at)
    assert (after, stale) == (before, True)


def test_own_sql_replaces_and_joins(tmp_path):
    folder = tmp_path / "sql"
    folder.mkdir()
    (folder / "segments.sql").write_text("-- Mine.\nCREATE VIEW segments AS SELECT 'all' AS segment;")
    (folder / "vip.sql").write_text("-- VIPs.\nCREATE VIEW vip AS FROM segments JOIN Recommendations ON true LIMIT 3;")
    duckmark.build(tmp_path / "shop.duckdb", events=purchases(title=TITLES), sql=folder, options=NOT_ASKED)
    assert ask(tmp_path / "shop.duckdb", "SELECT DISTINCT segment FROM vip") == [("all",)]


def test_own_rows_that_stand_twice_are_told_of_their_own_file(tmp_path):
    query = "SELECT user_id, 1 AS recency_days, unnest(['a', 'b']) AS segment FROM duckmark.users"
    (tmp_path / "s.sql").write_text(f"-- Mine.\nCREATE TABLE duckmark.user_segments AS {query};")
    message = r"s\.sql:2: duckmark\.user_segments: \d+ values of user_id stand more than once, such as "
    with pytest.raises(PipelineError, match=message):
        duckmark.build(tmp_path / "shop.duckdb", events=purchases(), sql=tmp_path, options=NOT_ASKED)


def test_sql_that_does_not_run_names_file_and_line(tmp_path):
    (tmp_path / "vip.sql").write_text("-- VIPs.\nCREATE VIEW vip AS SELECT no_such_column FROM segments;")
    with pytest.raises(PipelineError, match=r"vip\.sql:2: vip: .*no_such_column"):
        duckmark.build(tmp_path / "shop.duckdb", events=purchases(), sql=tmp_path, options=NOT_ASKED)
    assert [p.name for p in tmp_path.iterdir()] == ["vip.sql"]


def test_notes_to_orders_leave_them_purchases_and_are_feedback(tmp_path):
    """No row names its kind."""
    rows = "('a', 'p', 'o1', 2, 5.0, 'wrap it'), ('a', 'q', 'o2', 1, 3.0, NULL), ('b', 'p', 'o3', 3, 5.0, 'ring twice')"
    orders = f"FROM (VALUES {rows}) AS t (user_id, product_id, order_id, quantity, price, note)"
    path = tmp_path / "shop.duckdb"
    duckmark.build(path, events=orders, mapping={"text": "note"}, options=NOT_ASKED)
    spent = ask(path, "SELECT user_id, orders, units, spend FROM user_profiles ORDER BY user_id")
    assert spent == [("a", 2, 3, 13), ("b", 1, 3, 15)]
    assert ask(path, "SELECT text FROM feedback ORDER BY text") == [("ring twice",), ("wrap it",)]


def test_what_a_build_reports(tmp_path):
    heard: list[tuple[str, int]] = []

    class Listener(Reporter):
        def begin(self, steps: list) -> None:
            heard.append(("begin", len(steps)))

        def done(self, step: object) -> None:
            heard.append((step.name, 1))

    built = duckmark.build(tmp_path / "a.duckdb", events=purchases(), options=NOT_ASKED, reporter=Listener())
    assert heard[0] == ("begin", len(heard) - 1)
    assert built.path == tmp_path / "a.duckdb"
    assert [source.role for source in built.sources] == ["events"]
    assert list(built.seconds) == ["read", *STAGES, "publish"]


def test_a_table_put_under_a_published_name_since_the_last_build_is_not_lost(shop_file, tmp_path):
    path = tmp_path / "shop.duckdb"
    path.write_bytes(shop_file.read_bytes())
    with duckdb.connect(str(path)) as con:
        con.execute("DROP VIEW segments; CREATE TABLE segments AS SELECT 1 AS mine")
    before = path.read_bytes()
    with pytest.raises(NameTakenError, match="segments"):
        build_shop(duckmark.build, path)
    assert path.read_bytes() == before


def test_no_events_at_all(tmp_path):
    with pytest.raises(SourceError, match="no events"):
        duckmark.build(tmp_path / "none.duckdb", events=None)
    assert list(tmp_path.iterdir()) == []


def test_events_of_which_none_can_be_used_leave_the_old_file(tmp_path, fingerprint):
    path = tmp_path / "shop.duckdb"
    duckmark.build(path, events="SELECT 'u' AS user_id, 'p' AS product_id", options={"evaluate": False})
    before, done = fingerprint(tmp_path), []

    class Noting(Reporter):
        def done(self, step):
            done.append(step.name)

    with pytest.raises(
        SourceError, match=r"of the 3 rows of query .* none can be used \(no product: 3\)\. Check which"
    ):
        duckmark.build(path, events="SELECT 'u' AS user_id, '' AS product_id FROM range(3)", reporter=Noting())
    assert fingerprint(tmp_path) == before
    assert "duckmark.events" in done
    assert "duckmark.terms" not in done  # so much for nothing


def test_a_shop_of_free_things_is_told_how_to_say_so(tmp_path):
    path = tmp_path / "shop.duckdb"
    free = "SELECT 'u' || i AS user_id, 'p' AS product_id, 'purchase' AS kind, 0 AS price FROM range(5) AS t (i)"
    with pytest.raises(
        SourceError, match=r"\(price not positive: 5\)\. Check .* leave the price out: --map price=NULL"
    ):
        duckmark.build(path, events=free)
    duckmark.build(path, events=free, mapping={"price": "NULL"}, options={"evaluate": False})
    assert ask(path, "SELECT kind, price, count(*) FROM duckmark.events GROUP BY ALL") == [("purchase", None, 5)]


def test_what_was_never_sold_has_no_takings_rather_than_none(shop_file):
    query = "SELECT units, revenue FROM product_profiles WHERE product_id = ?"
    with duckdb.connect(str(shop_file), read_only=True) as con:
        assert con.execute(query, [UNSOLD]).fetchall() == [(None, None)]


def test_an_option_that_cannot_be(tmp_path):
    path = tmp_path / "shop.duckdb"
    with pytest.raises(ConfigError, match="options: unknown option item_model; did you mean items_model"):
        duckmark.build(path, events=purchases(), options={"item_model": "ease"})
    with pytest.raises(ConfigError, match=r"option items_model: expected one of slim, .*, found 'svd'"):
        duckmark.build(path, events=purchases(), options={"items_model": "svd"})
    assert not path.exists()


@pytest.mark.parametrize(("given", "used"), [("2GB", "2GB"), (None, "3GB")])
def test_memory_that_is_given_goes_before_the_option_and_the_file_keeps_neither(tmp_path, monkeypatch, given, used):
    asked = []
    monkeypatch.setattr("duckmark.memory.limit", lambda con, memory, spill: asked.append(memory))
    path, options = tmp_path / "shop.duckdb", {**NOT_ASKED, "memory": "3GB"}
    duckmark.build(path, events=events(event_rows()[:40]), options=options, memory=given)
    assert asked == [used]
    assert "memory" not in json.loads(ask(path, "SELECT value FROM duckmark.settings WHERE name = 'options'")[0][0])
