"""What is left of a shop without its held-out events, and what is to be found again."""

from types import SimpleNamespace

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from duckmark import pipeline
from duckmark.evaluation.splits import PROTOCOLS, splits
from duckmark.evaluation.trial import _truth, earlier, trained
from tests.evaluation.test_splits import held_out


def ids(con, column, table):
    return {id for (id,) in con.execute(f"SELECT {column} FROM duckmark.{table}").fetchall()}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_of_what_is_held_out_is_left_nor_known(plain, protocol):
    for split in splits(plain, protocol, 5):
        gone = held_out(plain, split)
        with earlier(plain, split) as left:
            for table in ("events", "reviews"):
                assert ids(plain, "event_id", table) & gone
                assert ids(left, "event_id", table) == ids(plain, "event_id", table) - gone
            for kind in ("product", "user"):
                assert ids(left, f"{kind}_id", f"{kind}s") == ids(left, f"{kind}_id", "events")


def test_the_truth_is_what_is_new_to_its_user():
    """Of what is taken later ann had the lamp, and disliked the rake; bob had neither. Of the rest nothing is known."""
    later = pa.table(
        {
            "user_id": ["ann", "ann", "ann", "bob", "bob", "stranger"],
            "product_id": ["lamp", "rake", "vase", "rake", "novelty", "lamp"],
        }
    )
    preferences = sparse.csr_array(np.array([[4.0, -3.0, 0.0], [0.0, 0.0, 2.0]]))
    users, products = pa.array(["ann", "bob"]), pa.array(["lamp", "rake", "vase"])
    truth = _truth(later, users, products, SimpleNamespace(preferences=preferences))
    assert truth.toarray().tolist() == [[0, 0, 1], [0, 1, 0]]
    assert np.diff(truth.indptr).tolist() == [1, 1]  # users are counted by what is stored


@pytest.mark.parametrize("kind", PROTOCOLS)
def test_models_are_told_what_they_are_to_find(monkeypatch, kind):
    class Told(Exception):
        """Goes no further."""

    def run(con, steps, needs, options):
        raise Told(options)

    monkeypatch.setattr(pipeline, "run", run)
    with duckdb.connect() as con, pytest.raises(Told) as told:
        trained(con, pa.table({}), [], {}, {"seed": 3, "learns_from": "of the options"}, kind)
    assert told.value.args == ({"seed": 3, "learns_from": kind},)
