"""Sentence transformers: models that read a whole text, from the extra ``transformers``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from duckmark.errors import ConfigError
from duckmark.kernels.profiles import unit_rows

Encode = Callable[[Sequence[str]], np.ndarray]


def encoder(path: str | Path) -> Encode:
    """What maps n texts to unit vectors, float32 (n, d), by the sentence-transformers model in a folder.

    Raises ConfigError where the extra is not installed or the folder is no model.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise ConfigError(
            "embedder transformer needs sentence-transformers: pip install 'duckmark[transformers]'"
        ) from None
    try:
        model = SentenceTransformer(str(path), local_files_only=True, device="cpu")
    except (OSError, ValueError) as error:
        raise ConfigError(f"option vectors: {path} is no sentence-transformers model: {error}") from None

    def encode(texts: Sequence[str]) -> np.ndarray:
        return unit_rows(np.asarray(model.encode(list(texts), show_progress_bar=False)))

    return encode
