import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.functions import function

LETTER = r"\p{L}\p{M}\p{N}"


@function(
    {"text": "VARCHAR"},
    {"text": "VARCHAR", "language": "VARCHAR"},
    returns="VARCHAR[]",
    summary="Lower-cased word tokens without stop words; English unless a language is named.",
    example="tokenize('I love this product! It''s amazing!')",
    needs=("stop_words",),
)
def tokenize(text: pa.Array, language: pa.Array | None = None, *, stop_words: dict[str, pa.Array]) -> pa.Array:
    """Split texts into words: runs of letters, marks and digits, single apostrophes between them kept.

    The same rule as ``sql/functions/tokenize.sql``, written as a split because Arrow cannot find all matches.
    A language (English name or ISO code) without a stop-word list keeps all its words; NULL gives NULL.
    """
    words = pc.split_pattern_regex(_spaced(pc.fill_null(text, "")), " +")
    flat, offsets = words.values, np.asarray(words.offsets)
    valid = text.is_valid()
    if language is None:
        stopped = pc.is_in(flat, value_set=stop_words["english"])
    else:
        valid = pc.and_(valid, language.is_valid())
        stopped = _stopped_by_language(flat, np.diff(offsets), pc.utf8_lower(language), stop_words)
    keep = ~np.asarray(pc.or_(stopped, pc.equal(flat, "")))
    kept_before = np.concatenate(([0], np.cumsum(keep)))[offsets].astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(kept_before), flat.filter(pa.array(keep)), mask=pc.invert(valid))


def _spaced(text: pa.Array) -> pa.Array:
    """Lower-case, and turn all that is not part of a word into spaces."""
    text = pc.replace_substring(pc.utf8_lower(text), "’", "'")
    text = pc.replace_substring_regex(text, f"[^{LETTER}']+", " ")
    for pattern in ("''+", "(^| )'", "'( |$)"):
        text = pc.replace_substring_regex(text, pattern, " ")
    return pc.ascii_trim_whitespace(text)


def _stopped_by_language(
    flat: pa.Array, lengths: np.ndarray, language: pa.Array, stop_words: dict[str, pa.Array]
) -> pa.Array:
    codes = language.dictionary_encode()
    per_word = np.repeat(np.asarray(codes.indices.fill_null(-1)), lengths)
    stopped = np.zeros(len(flat), bool)
    for code, name in enumerate(codes.dictionary.to_pylist()):
        if name in stop_words:
            stopped |= (per_word == code) & np.asarray(pc.is_in(flat, value_set=stop_words[name]))
    return pa.array(stopped)
