"""What is booked under a code of services is not goods; of a short code, only where the title says so."""

import pytest

# A product of each code that counts with a title alone, and such a title.
CODES = {
    "DOT": "Dotcom postage",
    "C2": "Carriage",
    "M": "Manual",
    "ADJUST": "Adjustment by John",
    "b": "Adjust bad debt",
    "S": "Samples",
    "D": "Discount",
    "gift42": "Gift voucher £20",
    "CRUK": "CRUK commission",
    "test001": "This is a test product.",
}


@pytest.mark.parametrize("source", ["events", "products"])
def test_a_code_is_a_service_by_its_title(clean, source):
    assert kept(clean, source, CODES) == []
    for title in ("Blue cup", None):
        assert kept(clean, source, dict.fromkeys(CODES, title)) == sorted(CODES)


def kept(clean, source, titles):
    """The products of these titles in ``source`` that are goods."""
    rows = ", ".join(f"('{code}', {'NULL' if title is None else repr(title)})" for code, title in titles.items())
    listed = f"SELECT product_id, CAST(title AS VARCHAR) AS title FROM (VALUES {rows}) AS t (product_id, title)"
    con = clean(**{"events": "SELECT 'other' AS product_id", source: listed})
    found = con.execute("SELECT product_id FROM duckmark.products WHERE product_id <> 'other' ORDER BY 1").fetchall()
    return [product for (product,) in found]
