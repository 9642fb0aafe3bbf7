from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import in_threads, utf8_of
from duckmark.functions import Forms, Lexicon, function
from duckmark.kernels.word_sets import WordSet
from duckmark.kernels.words import APOSTROPHE, HAN, LETTER, OTHER, byte_classes, code_points, han_words, word_spans

UNKNOWN = 255
MAIN = "main"


@function(
    {"text": "VARCHAR"},
    {"text": "VARCHAR", "language": "VARCHAR"},
    returns="VARCHAR[]",
    summary="Lower-cased words without stop words; in the file's main language unless another is named.",
    example="tokenize('I love this product! It''s amazing!')",
    needs=("lexicon",),
)
def tokenize(text: pa.Array, language: pa.Array | None = None, *, lexicon: Lexicon) -> pa.Array:
    """Split texts into words: runs of letters, marks and digits, single apostrophes between them kept.

    The same rule as ``sql/functions/tokenize.sql``. A run of Han characters is cut into the Chinese words that the
    file knows (`han_words`). A language (English name or ISO code) without
    stop words keeps all its words; NULL gives NULL.
    """
    if language is None:
        return _of_one_language(text, lexicon.forms(MAIN), lexicon)
    codes = pc.utf8_lower(language).dictionary_encode()
    names, codes = codes.dictionary.to_pylist(), codes.indices.fill_null(len(codes.dictionary))
    if len(names) == 1 and not language.null_count:
        return _of_one_language(text, lexicon.forms(names[0]), lexicon)
    rows = [np.flatnonzero(np.asarray(codes) == code) for code in range(len(names) + 1)]
    forms = [lexicon.forms(name) for name in names]
    parts = [_of_one_language(text.take(pa.array(r)), f, lexicon) for r, f in zip(rows, forms, strict=False)]
    parts.append(pa.nulls(len(rows[-1]), pa.list_(pa.string())))
    return pa.concat_arrays(parts).take(pa.array(np.argsort(np.concatenate(rows), kind="stable")))


def _of_one_language(text: pa.Array, forms: Forms, lexicon: Lexicon) -> pa.Array:
    return in_threads(partial(_terms, forms=forms, lexicon=lexicon), text)


def _terms(text: pa.Array, forms: Forms, lexicon: Lexicon) -> pa.Array:
    """Tokens, each word as itself or its stem, without stop words."""
    words, offsets, are_runs = split(pc.fill_null(text, ""), forms.stop_words)
    has_runs = are_runs.any()
    if has_runs:
        words, offsets = _cut(words, offsets, are_runs, lexicon.han)
    if has_runs or forms.has_stems:
        words, offsets = _formed(words, offsets, forms.of_word)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), words, mask=text.is_null())


def _formed(words: pa.Array, offsets: np.ndarray, forms: Mapping[str, str | None]) -> tuple[pa.Array, np.ndarray]:
    """The words that stand for ``words``, and where those of each text begin."""
    words = words.dictionary_encode()
    terms = pa.array([forms.get(word, word) for word in words.dictionary.to_pylist()], pa.string())
    known = np.asarray(terms.is_valid())[np.asarray(words.indices)]
    return terms.take(words.indices.filter(pa.array(known))), np.concatenate(([0], np.cumsum(known)))[offsets]


def split(text: pa.Array, without: WordSet | None = None) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """All words, lower-cased, where those of each text begin (n + 1,), and which are runs of Han characters.

    The words in ``without`` are left out; a run of Han characters is no word yet, and stays.
    """
    is_ascii = utf8_of(text)[0].max(initial=0) < 0x80
    text = pc.ascii_lower(text) if is_ascii else pc.replace_substring(pc.utf8_lower(text), "’", "'")
    data, ends = utf8_of(text)
    starts, points = (ends[:0], ends[:0]) if is_ascii else code_points(data)
    classes = byte_classes(data, _classes_of(points), starts, points)
    begins, stops = word_spans(classes, ends)
    is_run = classes.take(begins) == HAN if len(points) else np.zeros(len(begins), bool)
    if without is not None:
        kept = np.flatnonzero(~without.found(data, begins, stops) | is_run)
        begins, stops, is_run = begins.take(kept), stops.take(kept), is_run.take(kept)
    return _cut_out(data, begins, stops), np.searchsorted(begins, ends), is_run


def _cut_out(data: np.ndarray, begins: np.ndarray, stops: np.ndarray) -> pa.Array:
    """The words at such bytes, every other one of the strings that lie one behind the other there."""
    edges = np.append(np.stack((begins, stops), axis=1).astype(np.int32).ravel(), np.int32(len(data)))
    strings = pa.StringArray.from_buffers(2 * len(begins), pa.py_buffer(edges), pa.py_buffer(data))
    return strings.take(pa.array(np.arange(0, 2 * len(begins), 2)))


_classes = np.full(0x110000, UNKNOWN, np.uint8)
_classes[:0x80] = [LETTER if chr(c).isalnum() else APOSTROPHE if chr(c) == "'" else OTHER for c in range(0x80)]


def _classes_of(points: np.ndarray) -> np.ndarray:
    """The classes of all code points, those of ``points`` among them: Arrow is asked once for each."""
    new = np.unique(points[_classes[points] == UNKNOWN])
    if len(new):
        characters = pa.array([chr(point) for point in new])
        word, han = (
            np.asarray(pc.match_substring_regex(characters, pattern)) for pattern in (r"[\p{L}\p{M}\p{N}]", r"\p{Han}")
        )
        _classes[new] = np.where(word, np.where(han, HAN, LETTER), OTHER)
    return _classes


def _cut(words: pa.Array, offsets: np.ndarray, is_run: np.ndarray, han: frozenset[str]) -> tuple[pa.Array, np.ndarray]:
    """The words with runs of Han characters replaced by the Chinese words in them."""
    runs = "".join(f"{run}\n" for run in words.filter(pa.array(is_run)).to_pylist())
    first, last = han_words(runs, han)
    pieces = pa.array([runs[i:j] for i, j in zip(first.tolist(), last.tolist(), strict=True)], pa.string())
    run_ends = np.flatnonzero(np.array(list(runs)) == "\n")
    counts = np.ones(len(words), np.int64)
    counts[is_run] = np.diff(np.searchsorted(first, run_ends), prepend=0)
    where = np.repeat(is_run, counts)
    order = np.empty(len(where), np.int64)
    order[where] = np.arange(len(pieces)) + (~is_run).sum()
    order[~where] = np.arange((~is_run).sum())
    begins = np.concatenate(([0], np.cumsum(counts)))
    return pa.concat_arrays([words.filter(pa.array(~is_run)), pieces]).take(pa.array(order)), begins[offsets]
