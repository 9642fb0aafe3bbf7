"""Evidence read again in part is the same as read anew."""

import itertools
from dataclasses import fields

import numpy as np
import pytest

from duckmark.kernels.features import Evidence
from duckmark.models.evidence import PARTS, READS, gather, renewed
from tests.database import holding
from tests.models.test_recommendations import TABLES

INPUTS = {name: name for name in READS}
# What everything is shown to depend on: a table of each part loses a row.
CHANGED = ("user_vectors", "user_neighbours", "interactions", "histories", "item_weights", "product_factors",
           "user_categories", "product_features")  # fmt: skip


def dense(evidence: Evidence) -> dict[str, np.ndarray]:
    values = {field.name: getattr(evidence, field.name) for field in fields(evidence)}
    return {
        name: value.toarray() if hasattr(value, "toarray") else value
        for name, value in values.items()
        if value is not None
    }


def different(one: Evidence, other: Evidence) -> set[str]:
    pairs = ((name, a, dense(other)[name]) for name, a in dense(one).items())
    return {name for name, a, b in pairs if not np.array_equal(a, b, equal_nan=True)}


con = holding(f"""
{TABLES};
UPDATE duckmark.products SET category = 'c';
INSERT INTO duckmark.user_categories VALUES ('u1', 'c', 1.0);
""")


@pytest.mark.parametrize("table", CHANGED)
def test_what_changed_is_read_again_and_nothing_else(con, table):
    _, _, before = gather(con, INPUTS)
    con.execute(f"DELETE FROM duckmark.{table} WHERE rowid = (SELECT max(rowid) FROM duckmark.{table})")
    after = renewed(before, con, INPUTS, {f"duckmark.{table}"})
    assert different(before, after)
    assert not different(after, gather(con, INPUTS)[2])
    others = {f"duckmark.{name}" for names in PARTS if table not in names for name in names}
    assert not different(before, renewed(before, con, INPUTS, others))


def test_every_table_has_a_part():
    ids = {"duckmark.users", "duckmark.products"}
    assert {f"duckmark.{name}" for name in itertools.chain(*PARTS)} | ids == set(READS)
