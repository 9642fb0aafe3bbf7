"""A source that cannot be read: the message names it, the row where known, and what to do next."""

import codecs
import gzip

import pytest

from duckmark.collect import collect, csvfiles
from duckmark.errors import SourceError

HEADER = "user_id,product_id,text\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "ragged.csv",
            HEADER + "1,2,3\n4,5,6,7\n",
            ["ragged.csv, line 3", "Expected Number of Columns: 3 Found: 4", "Mend"],
        ),
        ("short.csv", HEADER + "1,2,3\n4,5\n", ["short.csv, line 3", "Found: 2"]),
        ("open.csv", HEADER + '1,2,"3\n', ["open.csv, line 2", "quote"]),
        (
            "latin.csv",
            (HEADER + "1,2,café\n").encode("latin-1"),
            ["latin.csv is not UTF-8", "encoding='latin-1'"],
        ),
        (
            "header.csv",
            "user_id,produit_é\n1,2\n".encode("latin-1"),
            ["header.csv is not UTF-8", "read_csv("],
        ),
        (
            "quotes.csv",
            (HEADER + "1,2,it\u2019s\n").encode("cp1252"),
            ["quotes.csv is not UTF-8", "Windows-1252", "iconv -f cp1252 -t utf-8"],
        ),
        ("euro.csv", "user_id,\u20ac\n1,2\n".encode("cp1252"), ["is not UTF-8", "iconv -f cp1252"]),
        ("euro.csv.gz", gzip.compress("user_id,\u20ac\n1,2\n".encode("cp1252"), mtime=0), ["iconv -f cp1252"]),
        ("big.csv", codecs.BOM_UTF16_BE + HEADER.encode("utf-16-be"), ["is UTF-16 text", "iconv -f utf-16 -t utf-8"]),
        ("photo.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff", ["photo.csv is no text file", "NUL bytes"]),
        ("none.csv", "", ["none.csv is empty"]),
        ("rows.csv", HEADER, ["rows.csv has no rows"]),
        ("e.xlsx", "x", ["e.xlsx", "suffix", "Parquet"]),
        ("e.parquet", "not parquet", ["e.parquet cannot be read"]),
        ("short.parquet", "x", ["too small to be a Parquet file. Check that it is what its name says."]),
        ("e.json", '{"a": 1}\n{"a":\n', ["e.json", "Malformed JSON", "line 3"]),
        ("e.csv.gz", "not gzip", ["e.csv.gz cannot be read"]),
        ("half.csv.gz", gzip.compress(HEADER.encode() * 9, mtime=0)[:40], ["half.csv.gz cannot be read"]),
    ],
)
def test_files(con, write, name, content, words):
    message = error(con, write(name, content))
    assert all(word in message for word in words), message


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
@pytest.mark.parametrize("name", ["cafe.csv", "joe's.csv"])
def test_the_query_that_is_advised_reads_the_file(con, write, encoding, name):
    message = error(con, write(name, (HEADER + "1,2,café\n").encode(encoding)))
    assert f"encoding='{encoding}'" in message
    collect(con, events=message.partition("names the encoding: ")[2])
    assert con.execute("SELECT user_id, text FROM source_events").fetchall() == [("1", "café")]


def test_quotation_marks_that_are_letters_can_be_read_as_advised(con, write):
    path = write("joe's.tsv", 'user_id\tproduct_id\ttext\n1\t2\t"Heroes" (2017)\n1\t3\t"Heroes"\n')
    collect(con, events=error(con, path).partition("give the query ")[2])
    assert con.execute("SELECT text FROM source_events").fetchall() == [('"Heroes" (2017)',), ('"Heroes"',)]


def test_the_bytes_of_a_late_row_tell_its_encoding(con, write, monkeypatch):
    monkeypatch.setattr(csvfiles, "READ_AT_ONCE", 100)
    path = write("late.csv", (HEADER + "1,2,é\n" * 50 + "1,2,\u20ac\n").encode("cp1252"))
    assert f"{path} is not UTF-8 text, perhaps Windows-1252" in error(con, path)


def test_a_query_over_a_file_that_is_not_utf8(con, write):
    path = write("quotes.csv", (HEADER + "1,2,it\u2019s\n").encode("cp1252"))
    assert f"{path} is not UTF-8 text, perhaps Windows-1252" in error(con, f"FROM read_csv('{path}', delim=',')")


def test_a_later_line_is_named_in_the_file_of_a_glob_that_holds_it(con, write):
    write("day1.csv", HEADER + "1,2,3\n")
    path = write("day2.csv", HEADER + "1,2,3\n" * 5_000 + "1\n")
    assert "day2.csv, line 5002" in error(con, path.replace("day2", "*"))


def test_missing_file_names_the_closest(con, write):
    path = write("reviews.csv", HEADER)
    message = error(con, path.replace("reviews", "revews"))
    assert "no such file" in message
    assert "Did you mean reviews.csv?" in message


def test_a_glob_without_a_match(con, tmp_path):
    assert "matches no file" in error(con, str(tmp_path / "*.csv"))


def test_a_glob_of_two_formats(con, write):
    write("a.csv", HEADER)
    assert "csv and json files" in error(con, write("a.json", "[]").replace(".json", ".*"))


def test_a_directory_shows_the_glob_to_give(con, write, tmp_path):
    write("days/1.tsv", HEADER)
    message = error(con, str(tmp_path / "days"))
    assert "is a directory" in message
    assert "days/*.tsv" in message


def test_an_unknown_table_lists_those_there_are(con):
    con.execute("CREATE TABLE orders AS SELECT 1 AS x; CREATE SCHEMA b; CREATE VIEW b.clicks AS SELECT 1 AS x")
    message = error(con, "ordrs")
    assert "no such table, view or file. Did you mean orders?" in message
    assert "orders, b.clicks" in message


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "SELECT * FROM nowhere",
            ["query SELECT * FROM nowhere", "nowhere does not exist", "Mend the query"],
        ),
        ("SELECT FROM WHERE", ["syntax error"]),
        ("SELECT 1 AS product_id WHERE false", ["has no rows"]),
        ("SELECT CAST('x' AS INTEGER) AS product_id", ["Could not convert string 'x'"]),
        ("SELECT 1) AS x; DROP SCHEMA duckmark CASCADE; --", ["syntax error"]),
        ("SELECT 1 AS product_id; DROP SCHEMA duckmark", ["give one SELECT"]),
    ],
)
def test_queries(con, query, words):
    message = error(con, query)
    assert all(word in message for word in words), message


def test_a_csv_row_in_a_query_is_named_too(con, write):
    path = write("bad.csv", HEADER + "1,2,3\n" * 30_000 + "1\n")
    message = error(con, f"FROM read_csv('{path}', delim=',')")
    assert "bad.csv, line 30002" in message


def test_an_object_that_is_no_table(con):
    assert "int in memory is not something DuckDB can read" in error(con, 42)


def test_the_other_sources_are_named(con):
    with pytest.raises(SourceError, match=r"users: query .* has no rows"):
        collect(con, events="SELECT 1 AS product_id", users="SELECT 1 AS user_id WHERE false")


def error(con, source) -> str:
    with pytest.raises(SourceError) as caught:
        collect(con, events=source)
    return str(caught.value)


def test_a_table_that_stands_in_two_databases_is_offered_once(con):
    con.execute("CREATE TABLE baskets (product_id VARCHAR); ATTACH ':memory:' AS published")
    con.execute("CREATE TABLE published.baskets AS FROM baskets")
    with pytest.raises(SourceError, match=r"The database holds: baskets\. "):
        collect(con, events="orders")
