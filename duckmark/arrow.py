"""Between Arrow lists and numpy: flat values with offsets, and vectors as rows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.kernels import blocks

FEWEST_ROWS = 256  # that are worth a thread


class _NoPandas:
    """A finder of modules, beside those of `sys.meta_path`, that has others believe that there is no pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError("hidden from pyarrow", name=name)
        return None


def spare_pandas() -> None:
    """Have pyarrow do without pandas, where it is not imported yet.

    pyarrow imports it at its first conversion, where there is one, to see whether what it converts is a frame: a third
    of a second. It looks but once, and again where a frame is asked of it (`to_pandas`).
    """
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.scalar(0)
    finally:
        sys.meta_path.remove(_NoPandas)


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece; it is not copied where it is so already, as `combine_chunks` does."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def utf8_of(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of strings without NULLs, one behind the other, and the first of each: uint8 (bytes,), (n + 1,)."""
    ends = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1].astype(np.int64)
    data = np.frombuffer(text.buffers()[2] or b"", np.uint8)[ends[0] : ends[-1]]
    return data, ends - ends[0]


def lengths_of(lists: pa.Array) -> np.ndarray:
    """How long each list is: (n,), 0 where it is NULL."""
    if isinstance(lists, pa.ListArray) and not lists.null_count:
        return np.diff(np.asarray(lists.offsets))  # several times as quick: it counts where a chunk is small
    return np.asarray(pc.fill_null(pc.list_value_length(lists), 0))


def offsets_of(lists: pa.Array) -> np.ndarray:
    """Where each list begins in ``lists.flatten()``: (n + 1,), a NULL list taking no room."""
    return np.concatenate(([0], np.cumsum(lengths_of(lists), dtype=np.int64)))


def to_lists(vectors: np.ndarray) -> pa.Array:
    """Rows (n, d) as a list array, NULL where a row is all zero."""
    n, dimensions = vectors.shape
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * dimensions)
    empty = pa.array(~vectors.any(axis=1))
    return pa.ListArray.from_arrays(offsets, pa.array(vectors.ravel()), mask=empty)


def to_matrix(lists: pa.Array | pa.ChunkedArray, dimensions: int | None = None) -> np.ndarray:
    """Lists of one length as float32 rows (n, d); a NULL list becomes zeros.

    Raises ValueError where the lists differ in length.
    """
    if isinstance(lists, pa.ChunkedArray):
        lists = whole(lists)
    lengths = lengths_of(lists)
    dimensions = int(lengths.max(initial=0)) if dimensions is None else dimensions
    if (lengths == dimensions).all():
        return np.asarray(lists.flatten(), np.float32).reshape(len(lists), dimensions)
    filled = lengths > 0
    if (lengths[filled] != dimensions).any():
        raise ValueError(f"vectors of {dimensions} numbers expected, found one of {lengths[filled].min()}")
    matrix = np.zeros((len(lists), dimensions), np.float32)
    matrix[filled] = np.asarray(lists.flatten(), np.float32).reshape(-1, dimensions) if filled.any() else 0
    return matrix


def paired(a: pa.Array, b: pa.Array, what: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of number lists as two flat arrays (m,) with the same offsets (n + 1,); a pair with a NULL list is empty.

    Raises ValueError, beginning with ``what``, where the two of a pair differ in length or hold a NULL.
    """
    both = pc.and_(a.is_valid(), b.is_valid())
    a, b = (pc.if_else(both, side, pa.scalar(None, side.type)) for side in (a, b))
    offsets = offsets_of(a)
    if not np.array_equal(offsets, offsets_of(b)):
        raise ValueError(f"{what}: the two lists must have the same length")
    flat = a.flatten(), b.flatten()
    if any(side.null_count for side in flat):
        raise ValueError(f"{what}: a list holds a NULL")
    return np.asarray(flat[0]), np.asarray(flat[1]), offsets


def in_threads(work: Callable[[pa.Array], pa.Array], column: pa.Array) -> pa.Array:
    """``work`` on a column, a slice a thread: DuckDB calls a function for up to 2,048 rows on one."""
    pieces = min(blocks.WORKERS, len(column) // FEWEST_ROWS)
    if pieces < 2:
        return work(column)
    return pa.concat_arrays(blocks.side_by_side(lambda part: work(column[part]), blocks.cut(len(column), pieces)))
