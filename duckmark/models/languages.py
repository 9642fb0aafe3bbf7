"""The languages of the shop, and of each text in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import duckdb
import pyarrow as pa

from duckmark.detection import detect, written_in
from duckmark.models.text_blocks import MOST_BYTES, text_blocks
from duckmark.steps import Inputs, Model, Options, Trained

SAMPLE = 1_000  # texts that say which languages the shop speaks
CERTAIN = 0.9  # probability from which a text does
LEAST_SHARE, LEAST_TEXTS = 0.02, 2  # of these texts, for a language to be one of the shop's
LIKELY = 0.7  # probability, among the shop's languages, from which a text is in one that is not the main one
AUTO = "auto"

PRODUCTS = "SELECT product_id, concat_ws(' ', title, category, description) AS text FROM {products}"
REVIEWS = "SELECT event_id, text FROM {events} WHERE regexp_matches(text, '\\S')"


def find_languages(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The languages the shop speaks: at least 2 percent (and two) of the texts that are certain are in each.

    The commonest is its main language, English where no text says anything (not even by its script); or the option
    ``language`` (an ISO code) names the only one. Read from 1,000 texts, evenly spaced.
    """
    chosen = options.get("language", AUTO)
    texts = _sample(con, inputs["duckmark.texts"]) if chosen == AUTO else []
    found = _spoken(texts) or {chosen if chosen != AUTO else _together(texts): len(texts)}
    main = next(iter(found))
    table = {
        "language": list(found),
        "texts": pa.array(found.values(), pa.int64()),
        "is_main": [code == main for code in found],
    }
    return Trained({"duckmark.languages": pa.table(table)}, len(texts), {"language": chosen}, {"texts": found})


def _sample(con: duckdb.DuckDBPyConnection, texts: str) -> list[str]:
    query = f"""
        SELECT text FROM (
            SELECT text, row_number() OVER (ORDER BY source, text_id) AS number, count(*) OVER () AS texts FROM {texts}
        )
        WHERE number % ((texts + $size - 1) // $size) = 0
        ORDER BY number
    """
    return list(dict.fromkeys(con.sql(query, params={"size": SAMPLE}).to_arrow_table()["text"].to_pylist()))


def _spoken(texts: list[str]) -> dict[str, int]:
    """How many texts are certainly in each of the languages that count, the commonest first."""
    counts = Counter(code for code, probability in detect(texts) if probability >= CERTAIN)
    least = max(LEAST_SHARE * counts.total(), LEAST_TEXTS)
    return {code: n for code, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n >= least}


def _together(texts: list[str]) -> str:
    """The language of texts that are too short or too few by themselves, read as one."""
    [(code, probability)] = detect([" ".join(texts)])
    return code if probability >= CERTAIN else _among([" ".join(texts)], ["en"])[0]


def find_each(
    con: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    options: Options,
    *,
    table: str,
    key: str,
    query: str,
    most: int = MOST_BYTES,
) -> Trained:
    """The language of each text, one of the shop's: its main one where the text is too short to say.

    A text in a script that is none of theirs is in a language of that script, unless the option ``language`` names the
    only one. At most ``most`` bytes of texts are held at once.
    """
    known = con.sql(
        f"SELECT language FROM {inputs['duckmark.languages']} ORDER BY is_main DESC, language"
    ).to_arrow_table()["language"].to_pylist()  # fmt: skip
    relations = {name.removeprefix("duckmark."): relation for name, relation in inputs.items()}
    ordered = f"SELECT {key}, text FROM ({query.format(**relations)}) ORDER BY {key}"
    read = _among if options.get("language", AUTO) == AUTO else _all_in_main
    found = pa.concat_tables(
        _found(block, key, partial(read, languages=known)) for block in text_blocks(con, ordered, most)
    )
    counts = dict(Counter(found["language"].to_pylist()).most_common())
    return Trained({table: found}, len(found), metrics={"texts": counts})


def _found(block: pa.Table, key: str, read: Callable[[list[str]], list[str]]) -> pa.Table:
    """The languages of a block of texts; a text that is there often is read once."""
    texts = block["text"].combine_chunks().dictionary_encode()
    found = pa.array(read(texts.dictionary.to_pylist()), pa.string()).take(texts.indices)
    return pa.table({key: block[key], "language": found})


def _all_in_main(texts: list[str], languages: list[str]) -> list[str]:
    return [languages[0]] * len(texts)


def _among(texts: list[str], languages: list[str]) -> list[str]:
    """The likely language of each text among those that its script leaves, else the first of them."""
    possible = written_in(texts, languages)
    found = [first for first, *_ in possible]
    for some in {codes for codes in possible if len(codes) > 1}:
        places = [place for place, codes in enumerate(possible) if codes == some]
        for place, (code, probability) in zip(places, detect([texts[i] for i in places], some), strict=True):
            if probability >= LIKELY:
                found[place] = code
    return found


def _each(name: str, relation: str, key: str, key_type: str, query: str, feedback: bool = False) -> Model:
    table = f"duckmark.{name}"
    return Model(
        name=name,
        kind="language",
        stage="profile",
        reads=(relation, "duckmark.languages"),
        writes={table: f"{key} {key_type}, language VARCHAR"},
        train=partial(find_each, table=table, key=key, query=query),
        update="rows",
        key=(key,),
        feedback=feedback,
    )


MODELS = (
    Model(
        name="languages",
        kind="language",
        stage="profile",
        reads=("duckmark.texts",),
        writes={"duckmark.languages": "language VARCHAR, texts BIGINT, is_main BOOLEAN"},
        train=find_languages,
    ),
    _each("product_languages", "duckmark.products", "product_id", "VARCHAR", PRODUCTS),
    _each("review_languages", "duckmark.events", "event_id", "BIGINT", REVIEWS, feedback=True),
)
