"""`similar_users`: neighbours by what both chose, else the nearest profiles."""

import duckdb
import numpy as np
import pytest

from tests.statements import statement

UNKNOWN = 3  # have no profile
IDS = [f"u{number:02}" for number in range(15)]
VECTORS = np.random.default_rng(0).standard_normal((len(IDS) - UNKNOWN, 4)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
VECTORS[7] = VECTORS[2]  # twins


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("""
            CREATE SCHEMA duckmark;
            CREATE TABLE duckmark.user_neighbours AS SELECT * FROM (VALUES
                ('u00', 'u03', 0.5), ('u00', 'u01', 0.25), ('u00', 'u05', 0.75)
            ) AS t (user_id, neighbour_id, similarity);
            CREATE TABLE duckmark.scored_users (user_id VARCHAR, vector FLOAT[4]);
            CREATE TABLE duckmark.user_segments (user_id VARCHAR, segment VARCHAR);
        """)
        for place, user in enumerate(IDS):
            vector = VECTORS[place].tolist() if place < len(VECTORS) else None
            con.execute("INSERT INTO duckmark.scored_users VALUES (?, ?)", [user, vector])
            con.execute("INSERT INTO duckmark.user_segments VALUES (?, ?)", [user, f"of {user}"])
        con.execute(statement("similar_users"))
        yield con


@pytest.mark.parametrize("place", [1, 2, 7, len(VECTORS) - 1])
@pytest.mark.parametrize("k", [0, 1, 5, len(VECTORS) - 1, 50])
def test_who_has_no_neighbours_gets_the_nearest_profiles(con, place, k):
    cosines = VECTORS @ VECTORS[place]
    nearest = [other for other in np.argsort(-cosines, kind="stable") if other != place][:k]
    found = con.execute("FROM similar_users(?, ?)", [IDS[place], k]).fetchall()
    assert [(rank, user, segment, source) for rank, user, segment, _, source in found] == [
        (rank, IDS[other], f"of {IDS[other]}", "content") for rank, other in enumerate(nearest, 1)
    ]
    assert [row[3] for row in found] == pytest.approx(cosines[nearest], abs=1e-6)


@pytest.mark.parametrize("k", [0, 2, 9])
def test_who_has_neighbours_gets_these_alone(con, k):
    expected = [(1, "u05", 0.75), (2, "u03", 0.5), (3, "u01", 0.25)][:k]
    found = con.execute("SELECT rank, user_id, score FROM similar_users('u00', ?)", [k]).fetchall()
    assert [(rank, user, float(score)) for rank, user, score in found] == expected


@pytest.mark.parametrize("user", [IDS[-1], "nobody", None])
def test_to_whom_nothing_is_known_nobody_is_similar(con, user):
    assert con.execute("FROM similar_users(?)", [user]).fetchall() == []
