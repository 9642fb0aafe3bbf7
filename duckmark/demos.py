"""Two shops from real data that comes with the package, built and shown."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import duckdb
from rich.console import Console

from duckmark import report
from duckmark.build import build
from duckmark.connection import silent

BEGINNING = "CASE WHEN length(example) > 72 THEN concat(left(example, 71), '…') ELSE example END"
RETAIL_SQL = [
    "FROM recommend('17850', 5);",
    "FROM explain('17850', (SELECT product_id FROM recommend('17850', 1))) LIMIT 10;",
    "FROM audience('22423', 10);",
    "FROM search_products('red retrospot lunch box', 5);",
    "SELECT segment, users, mean_spend FROM segments;",
]
CLOTHING_SQL = [
    "FROM product_satisfaction ORDER BY satisfaction LIMIT 10;",
    "FROM feedback_topics;",
    "FROM hot_issues LIMIT 10;",
    "FROM category_complaints;",
    "FROM complaints('1095', 5);",
    "FROM praises('1095', 5);",
    "SELECT title, text, sentiment FROM feedback WHERE label = 'negative' LIMIT 5;",
    "FROM search_products('a warm winter sweater', 5);",
]


def run(shop: str, console: Console, quiet: bool = False) -> None:
    """Build ``retail.duckdb`` or ``clothing.duckdb`` in the current directory and show what it holds."""
    path = Path(f"{shop}.duckdb")
    data = {"retail": "online_retail.parquet", "clothing": "clothing_reviews.parquet"}[shop]
    with as_file(files("duckmark") / "data" / data) as source, report.Bars(console, quiet) as reporter:
        built = build(path, events=str(source), reporter=reporter)
    with silent(path, read_only=True) as con:
        report.show_quality(console, con)
        (show_retail if shop == "retail" else show_clothing)(console, con)
    console.print("[bold]Try next[/], in any DuckDB client:")
    report.show_sql(console, RETAIL_SQL if shop == "retail" else CLOTHING_SQL)
    seconds = sum(built.seconds.values())
    console.print(f"\n[bold]{path}[/] is ready after {seconds:.0f} s. It answers in any DuckDB client.")


def show_retail(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    """A customer, what to show them next and why, and how well that works."""
    user = "17850"
    profile = """
        SELECT segment, keywords, attributes, orders, products, units, spend, first_at, last_at, recency_days
        FROM user_profiles
        WHERE user_id = ?
    """
    report.show_record(console, con, f"Customer {user}", profile, [user])
    recommended = "SELECT rank, title, score, source, reason FROM recommend(?, 5)"
    report.show(console, con, "What to show them next", recommended, [user])
    report.show_evaluation(console, con)


def show_clothing(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    """What people say: topics, complaints, and the products that please least."""
    topics = """
        SELECT label AS about, reviews, mean_rating AS stars, negative_share AS negative
        FROM feedback_topics
        ORDER BY negative_share DESC
    """
    issues = f"""
        SELECT issue, reviews, negative_share AS negative, {BEGINNING} AS "for example"
        FROM hot_issues
        LIMIT 12
    """
    departments = f"""
        SELECT category AS department, term, reviews, share, {BEGINNING} AS "for example"
        FROM category_complaints
        JOIN (
            SELECT category, count(*) AS told FROM feedback WHERE label = 'negative' GROUP BY category
            ORDER BY told DESC, category LIMIT 6
        ) USING (category)
        WHERE rank <= 3
        ORDER BY told DESC, category, rank
    """
    products = """
        SELECT product_id AS product, category, reviews, mean_rating AS stars, satisfaction, main_complaint
        FROM product_satisfaction
        ORDER BY satisfaction
        LIMIT 10
    """
    report.show(console, con, "What people talk about, the most criticised first", topics)
    report.show(console, con, "What people complain about", issues)
    report.show(console, con, "What the departments with most complaints hear", departments)
    complaints = f'SELECT term, reviews, score, {BEGINNING} AS "for example" FROM complaints(?, 5)'
    report.show(console, con, "Products that please least", products)
    report.show(console, con, "What people complain about of dress 1095", complaints, ["1095"])
