"""A refresh takes new events into a file, as a rebuild that keeps the trained models would."""

import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import duckmark
from duckmark import pipeline
from duckmark.errors import DatabaseError, EventKindError, MappingError
from duckmark.plan import plan
from duckmark.sqlfiles import read_pipeline
from tests.database import ask
from tests.shop import EVENT, START, build_shop, event, event_rows, events

DAY = datetime.timedelta(days=1)
SPLIT = START + 120 * DAY
OLD = [row for row in event_rows() if row["at"] < SPLIT]
# What ids there are and where rows came from depends on how they were loaded.
LOADED = {"event_id", "raw_id", "source_id", "source_row", "data_digest"}
NOT_COMPARED = {"sources", "model_runs", "pipeline"}
TITLED = {**EVENT, "title": EVENT["text"], "order_id": EVENT["text"]}


def titled(rows: list[dict]) -> pa.Table:
    """Events that name the products they are about, as a shop without a catalogue has them."""
    return events([{"title": None, "order_id": None, **row} for row in rows], TITLED)


def extras(*rows: tuple, **shared: object) -> list[dict]:
    return [
        {**event(user, product, kind, at=START + day * DAY), **shared, **more}
        for user, product, kind, day, more in rows
    ]


# Before the split: two products known from events only, and purchases to be cancelled.
BEFORE = extras(
    ("0001", "X1", "purchase", 10, {"title": "old lamp", "quantity": 2, "price": 3.0}),
    ("0002", "X1", "purchase", 11, {"title": "old lamp", "quantity": 1, "price": 3.0}),
    ("0031", "X1", "view", 12, {"title": "old lamp"}),
    ("0003", "X2", "purchase", 13, {"title": "garden table", "quantity": 4, "price": 9.0}),
    ("0004", "X2", "purchase", 14, {"title": "garden table", "quantity": 1, "price": 9.0}),
    ("gone", "X3", "purchase", 15, {"title": "only once", "quantity": 1, "price": 9.0}),
)
FIRST = [row for row in event_rows() if SPLIT <= row["at"] < SPLIT + 20 * DAY] + extras(
    ("new1", "X4", "purchase", 121, {"title": "brand new violin", "quantity": 1, "price": 5.0}),  # both are new
    ("new1", "00101", "purchase", 121, {"quantity": 1, "price": 5.0}),
    ("new1", "00102", "rating", 122, {"rating": 5.0}),
    ("new2", "X5", "view", 122, {"title": "never seen spade"}),
    ("0010", "X4", "review", 123, {"text": "A wonderful violin, I love it", "rating": 5.0}),
    ("0005", "X1", "view", 123, {"title": "new lamp"}),  # X1 changes its title
    ("0006", "X1", "view", 124, {"title": "new lamp"}),
    ("0007", "X1", "view", 125, {"title": "new lamp"}),
    ("0008", "X1", "view", 126, {"title": "new lamp"}),
    ("0003", "X2", "return", 127, {"quantity": 1}),  # in part
    ("0004", "X2", "return", 127, {"quantity": 1}),  # as a whole
    ("gone", "X3", "return", 128, {"quantity": 1}),  # user and product go with it
    ("0009", "00110", "dislike", 128, {}),
    ("0032", "00125", "review", 129, {"text": "Terrible, it broke. I hate it.", "rating": 1.0}),
    (None, "00100", "purchase", 129, {"quantity": 1, "price": 5.0}),  # no customer
    ("0011", None, "view", 129, {}),  # no product
    ("0012", "00100", "purchase", 129, {"quantity": 1, "price": -5.0}),
)
# An export that overlaps with the one before, and some more.
SECOND = FIRST[-20:] + OLD[-5:] + [row for row in event_rows() if row["at"] >= SPLIT + 20 * DAY]


def copied(path: Path, folder: Path) -> Path:
    copy = folder / "shop.duckdb"
    copy.write_bytes(path.read_bytes())
    return copy


@pytest.fixture(scope="module")
def old_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("old") / "shop.duckdb"
    return build_shop(duckmark.build, path, events=titled(OLD + BEFORE))


@pytest.fixture(scope="module")
def refreshed(old_file, tmp_path_factory) -> Path:
    """The old file with two loads of new events."""
    path = copied(old_file, tmp_path_factory.mktemp("refreshed"))
    for rows in (FIRST, SECOND):
        assert duckmark.refresh(path, events=titled(rows)).source.rows == len(rows)
    return path


SALE = extras(*((user, "00100", "purchase", 130, {"quantity": 1, "price": 5.0}) for user in ("new1", "0010")))


@pytest.fixture(scope="module")
def refreshed_once(old_file, tmp_path_factory) -> Path:
    path = copied(old_file, tmp_path_factory.mktemp("once"))
    duckmark.refresh(path, events=titled(SALE))
    return path


@pytest.fixture(scope="module")
def half_refreshed(old_file, tmp_path_factory) -> Path:
    """As ``refreshed_once``, where half of the users are enough for a turn."""
    path = copied(old_file, tmp_path_factory.mktemp("half"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("duckmark.touched.FEWEST_IN_TURN", 30)
        duckmark.refresh(path, events=titled(SALE))
    return path


def test_equals_a_rebuild_that_keeps_the_models(old_file, refreshed, tmp_path, differences):
    rebuilt = copied(old_file, tmp_path)
    build_shop(duckmark.build, rebuilt, events=titled(OLD + BEFORE + FIRST + SECOND), keep_models=True)
    assert differences(refreshed, rebuilt, NOT_COMPARED, LOADED) == {}


def test_sql_in_place_of_all_of_duckmarks_that_says_nothing_of_itself_makes_the_same(refreshed, tmp_path, differences):
    """What a refresh has to know of a step is inherited, and all else made anew whole."""
    (tmp_path / "sql").mkdir()
    for step in read_pipeline().values():
        (tmp_path / "sql" / f"{step.name}.sql").write_text(step.statement)
    own = build_shop(duckmark.build, tmp_path / "own.duckdb", events=titled(OLD + BEFORE), sql=tmp_path / "sql")
    for rows in (FIRST, SECOND):
        duckmark.refresh(own, events=titled(rows), sql=tmp_path / "sql")
    assert differences(refreshed, own, NOT_COMPARED | {"settings"}, LOADED) == {}
    models = "SELECT model, kind, status, reason FROM models ORDER BY ALL"
    assert ask(own, models) == ask(refreshed, models)


def test_rows_are_found_by_the_same_keys(old_file, refreshed, tmp_path):
    """Also where models are kept, and with them their tables."""
    rebuilt = copied(old_file, tmp_path)
    build_shop(duckmark.build, rebuilt, events=titled(OLD + BEFORE), keep_models=True)
    query = "SELECT table_name, constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
    keys = {(s.name.removeprefix("duckmark."), s.primary_key) for s in plan().steps if getattr(s, "primary_key", None)}
    for path in (old_file, refreshed, rebuilt):
        assert {(table, *columns) for table, columns in ask(path, query)} == keys


def test_each_kind_of_change_arrived(old_file, refreshed, differences):
    """So that the comparison above compares something."""
    changed = differences(old_file, refreshed, NOT_COMPARED, LOADED)
    assert {"events", "users", "products", "interactions", "user_vectors", "product_vectors", "user_neighbours",
            "recommendation_lists", "reviews", "review_topics", "product_popularity", "ratings",
            "user_ratings"} <= changed.keys()  # fmt: skip
    trained = {"word_vectors", "terms", "topics", "segment_cuts", "ranker", "product_factors", "product_ratings"}
    assert not changed.keys() & trained
    assert ask(refreshed, "SELECT user_id FROM duckmark.user_ratings WHERE user_id LIKE 'new%'") == [("new1",)]
    assert ask(refreshed, "SELECT count(*) FROM recommend('new1') WHERE source <> 'popular'") != [(0,)]
    assert ask(refreshed, "SELECT title FROM product_profiles WHERE product_id IN ('X1', 'X4') ORDER BY ALL") == [
        ("brand new violin",),
        ("new lamp",),
    ]
    assert ask(refreshed, "SELECT user_id, quantity FROM duckmark.events WHERE product_id = 'X2'") == [("0003", 3)]
    assert ask(refreshed, "FROM duckmark.users WHERE user_id = 'gone'") == []
    assert ask(refreshed, "FROM duckmark.products WHERE product_id = 'X3'") == []
    rules = {rule for (rule,) in ask(refreshed, "SELECT rule FROM data_quality WHERE source_id = 1")}
    assert {"no customer", "no product", "price not positive", "cancellation"} <= rules
    assert ask(refreshed, "SELECT rows > 10 FROM data_quality WHERE source_id = 2 AND rule = 'duplicate'") == [(True,)]


def test_a_dislike_lowers_what_is_recommended(old_file, refreshed):
    preference = "SELECT preference FROM duckmark.interactions WHERE user_id = '0032' AND product_id = '00125'"
    assert ask(refreshed, preference)[0][0] < 0


def rounded(value):
    return round(value, 12) if isinstance(value, float) else value


@pytest.mark.parametrize("table", ["user_neighbours", "followers", "recommendation_lists"])
def test_lists_are_made_anew_for_those_touched_and_others_in_turn(old_file, half_refreshed, refreshed_once, table):
    """Everyone is due where there are few; of 60, 30 a turn are one in two. Who else is ranked with a user may change
    the last digit of a score."""
    middle = "(SELECT quantile_disc(user_id, 0.5) FROM duckmark.users)"
    due = f"(user_id IN ('new1', '0010') OR user_id > {middle})"
    new, old, found = (
        {
            user: ([{name: rounded(value) for name, value in row.items()} for row in rows], is_due)
            for user, rows, is_due in ask(
                path, f"SELECT user_id, list(t ORDER BY t), {due} FROM duckmark.{table} AS t GROUP BY ALL"
            )
        }
        for path in (refreshed_once, old_file, half_refreshed)
    )
    for user, (rows, is_due) in found.items():
        assert rows == (new if is_due else old)[user][0]
    assert found.keys() == new.keys()
    assert {is_due for _, is_due in found.values()} == {True, False}
    assert any(new[user] != old.get(user) for user, (_, is_due) in found.items() if not is_due)


def test_a_day_without_feedback_leaves_what_is_made_of_it(old_file, tmp_path, differences, monkeypatch):
    path, rebuilt, ran, execute = copied(old_file, tmp_path), tmp_path / "rebuilt.duckdb", set(), pipeline.execute
    rebuilt.write_bytes(path.read_bytes())
    monkeypatch.setattr(pipeline, "execute", lambda con, step, sql: ran.add(step.name) or execute(con, step, sql))
    rows = extras(("new1", "00100", "purchase", 130, {"quantity": 1, "price": 5.0}))
    duckmark.refresh(path, events=titled(rows))
    assert ran & {"duckmark.interactions", "duckmark.reviews", "duckmark.review_sentiment"} == {"duckmark.interactions"}
    build_shop(duckmark.build, rebuilt, events=titled(OLD + BEFORE + rows), keep_models=True)
    assert differences(path, rebuilt, NOT_COMPARED, LOADED) == {}
    assert ask(path, "SELECT DISTINCT data_digest = (SELECT data_digest FROM duckmark.model_runs "
                     "WHERE model = 'user_neighbours') FROM duckmark.model_runs WHERE model = 'review_languages'") == [
        (True,)
    ]  # fmt: skip


def test_a_day_with_nothing_but_a_return_takes_out_what_it_leaves_nothing_of(old_file, tmp_path, differences):
    path, rebuilt = copied(old_file, tmp_path), tmp_path / "rebuilt.duckdb"
    rebuilt.write_bytes(path.read_bytes())
    rows = extras(("gone", "X3", "return", 128, {"quantity": 1}))
    duckmark.refresh(path, events=titled(rows))
    build_shop(duckmark.build, rebuilt, events=titled(OLD + BEFORE + rows), keep_models=True)
    assert differences(path, rebuilt, NOT_COMPARED, LOADED) == {}
    assert ask(path, "FROM duckmark.interactions WHERE product_id = 'X3'") == []


def test_models_say_that_they_are_stale(old_file, refreshed):
    query = "SELECT is_stale FROM models WHERE model = 'word_vectors'"
    assert (ask(old_file, query), ask(refreshed, query)) == ([(False,)], [(True,)])


def test_the_same_events_a_second_time_change_nothing(refreshed, tmp_path, fingerprint):
    path = copied(refreshed, tmp_path)
    before = fingerprint(tmp_path)
    for rows in (FIRST, SECOND, OLD + BEFORE, SECOND[::-1]):  # also those of the build, and in another order
        done = duckmark.refresh(path, events=titled(rows))
        assert (done.source, done.users, done.products) == (None, 0, 0)
        assert fingerprint(tmp_path) == before


def test_what_a_refresh_reports(old_file, tmp_path):
    path = copied(old_file, tmp_path)
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE mine AS SELECT 42 AS x")
    rows = extras(
        ("0001", "00100", "view", 140, {}), ("0001", "00101", "view", 141, {}), ("who", "00100", "cart", 142, {})
    )
    done = duckmark.refresh(path, events=titled(rows))
    assert (done.path, done.source.rows, done.users, done.products) == (path, 3, 2, 2)
    assert ask(path, "FROM mine") == [(42,)]
    assert ask(path, "SELECT max(source_id), count(*) FROM duckmark.sources WHERE role = 'events'") == [(1, 2)]


def test_ratings_are_read_on_the_scale_of_the_build(old_file, tmp_path):
    path = copied(old_file, tmp_path)
    rows = "SELECT '0001' AS user_id, '00100' AS product_id, 'rating' AS kind, unnest([5.0, 4.0, 6.0]) AS rating"
    duckmark.refresh(path, events=rows)
    with duckdb.connect(str(path), read_only=True) as con:
        query = "SELECT rating FROM duckmark.raw_events WHERE source_id = 1 ORDER BY event_id"
        assert con.sql(query).fetchall() == [(5,), (4,), (None,)]


def test_other_column_names_are_recognised(old_file, tmp_path):
    path = copied(old_file, tmp_path)
    query = "SELECT '0001' AS customer_id, '00139' AS sku, 'view' AS event_type, TIMESTAMP '2024-06-09' AS event_time"
    duckmark.refresh(path, events=query)
    assert ask(path, "SELECT user_id FROM duckmark.events WHERE product_id = '00139'") == [("0001",)]


@pytest.fixture(scope="module")
def priceless(tmp_path_factory) -> Path:
    """A small file whose prices were not to be read."""
    path = tmp_path_factory.mktemp("priceless") / "shop.duckdb"
    return build_shop(duckmark.build, path, events=events(event_rows()[:40]), products=None, users=None,
                      mapping={"price": "NULL"})  # fmt: skip


def test_what_the_build_was_told_holds_for_new_events(priceless, tmp_path):
    path = copied(priceless, tmp_path)
    sale = "SELECT '0001' AS user_id, '00139' AS product_id, 'purchase' AS kind, 0.0 AS price, DATE '2024-06-09' AS at"
    assert duckmark.refresh(path, events=sale).events == 1  # with its price it would be no sale
    assert ask(path, "SELECT price FROM duckmark.events WHERE product_id = '00139'") == [(None,)]


def test_what_one_refresh_was_told_is_forgotten_by_the_next(priceless, tmp_path):
    path = copied(priceless, tmp_path)
    view = "SELECT '0001' AS user_id, '{}' AS product_id, 'view' AS kind"
    duckmark.refresh(path, events=f"{view}, DATE '2024-06-01' AS noted".format("one"), mapping={"at": "noted"})
    both = f"{view}, DATE '2024-06-02' AS noted, TIMESTAMP '2024-06-03' AS at"
    duckmark.refresh(path, events=both.format("two"))
    days = "SELECT product_id, CAST(happened_at AS DATE) :: VARCHAR FROM duckmark.events"
    assert ask(path, f"{days} WHERE product_id IN ('one', 'two') ORDER BY ALL") == [
        ("one", "2024-06-01"),
        ("two", "2024-06-03"),
    ]


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        (
            "SELECT 'u' AS user_id, 'p' AS product_id, 'teleport' AS kind",
            EventKindError,
            "'teleport' .* build the file anew",
        ),
        ("SELECT 'u' AS user_id", MappingError, "product_id"),
        (
            "SELECT '00139' AS product_id, 'Cello' AS title, '1-Jan-95' AS released",
            MappingError,
            "the user or the time, and .* had the user and the time: it looks like a catalogue .* --map user_id=COLUMN",
        ),
        ("SELECT '00139' AS product_id, DATE '1995-01-01' AS released", MappingError, "looks like a catalogue"),
    ],
)
def test_events_that_cannot_be_used_leave_the_file(old_file, tmp_path, fingerprint, query, error, message):
    path = copied(old_file, tmp_path)
    before = fingerprint(tmp_path)
    with pytest.raises(error, match=message):
        duckmark.refresh(path, events=query)
    assert fingerprint(tmp_path) == before


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        ("'0001' AS user_id", {}),
        ("TIMESTAMP '2024-06-09' AS event_time", {}),
        ("DATE '2024-06-09' AS noted", {"at": "noted"}),
        ("'view' AS kind", {"user_id": "NULL"}),  # nobody is known, on purpose
    ],
)
def test_events_with_a_user_or_a_time_are_no_catalogue(old_file, tmp_path, columns, mapping):
    path = copied(old_file, tmp_path)
    done = duckmark.refresh(path, events=f"SELECT '00139' AS product_id, {columns}", mapping=mapping)
    assert done.events == 1


def test_a_shop_without_users_and_times_takes_more_of_the_kind(tmp_path):
    path = tmp_path / "shop.duckdb"
    stars = "SELECT 'p' || i % 7 AS product_id, 1 + i % 5 AS rating FROM range({}) AS r (i)"
    build_shop(duckmark.build, path, events=stars.format(40), products=None, users=None)
    assert duckmark.refresh(path, events=stars.format(9)).events == 9


def test_a_file_that_is_not_there_or_not_ours(tmp_path):
    path = tmp_path / "shop.duckdb"
    with pytest.raises(DatabaseError, match="no such file; make it with `duckmark build"):
        duckmark.refresh(path, events="SELECT 1 AS product_id")
    duckdb.connect(str(path)).close()
    with pytest.raises(DatabaseError, match="not built by duckmark"):
        duckmark.refresh(path, events="SELECT 1 AS product_id")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
