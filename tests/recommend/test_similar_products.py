"""`similar_products`: the nearest profiles, as any client finds them."""

import shutil

import duckdb
import numpy as np
import pytest


def test_they_are_the_nearest_profiles(plain):
    rows = plain.sql("SELECT product_id, vector FROM product_profiles WHERE vector IS NOT NULL ORDER BY ALL").fetchall()
    ids, vectors = [row[0] for row in rows], np.array([row[1] for row in rows])
    cosines = vectors @ vectors.T
    for place, product in enumerate(ids[:10]):
        expected = [i for i in np.argsort(-cosines[place], kind="stable") if i != place][:5]
        found = plain.execute("SELECT product_id, score, source FROM similar_products(?, 5)", [product]).fetchall()
        assert [row[1] for row in found] == pytest.approx(cosines[place][expected], abs=1e-6)
        assert {row[0] for row in found} == {ids[i] for i in expected}
        assert {row[2] for row in found} == {"content"}


def test_a_cosine_is_never_beyond_one(shop_file, tmp_path):
    """Rounded to float32, of many unit vectors the product with itself is more."""
    vectors = np.random.default_rng(0).standard_normal((50, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    path = tmp_path / "shop.duckdb"
    shutil.copy(shop_file, path)
    with duckdb.connect(str(path)) as con:
        beyond = 0
        for vector in vectors.tolist():
            con.execute(
                "UPDATE duckmark.scored_products SET vector = ? WHERE product_id IN ('00100', '00101')", [vector]
            )
            [(score, one, same)] = con.execute(
                "SELECT score, list_dot_product(?::FLOAT[], ?::FLOAT[]), product_id FROM similar_products('00100', 1)",
                [vector, vector],
            ).fetchall()
            assert same == "00101"
            assert score == pytest.approx(1, abs=1e-6)
            assert score <= 1
            beyond += one > 1
    assert beyond
