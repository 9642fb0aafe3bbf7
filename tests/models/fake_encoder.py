"""An encoder of texts that stands in for a transformer."""

from __future__ import annotations

import numpy as np


class FakeEncoder:
    """Encodes a text by its first letter and its length."""

    def __init__(self, path: str, *, local_files_only: bool, device: str) -> None:
        assert local_files_only
        if path.endswith("broken"):
            raise OSError("no config.json")

    def encode(self, terms: list[str], *, show_progress_bar: bool) -> np.ndarray:
        return np.array([[ord(term[0]) % 7, ord(term[0]) % 5, len(term)] for term in terms], np.float64)


def unit(text: str) -> np.ndarray:
    """What the fake makes of a text, in unit length."""
    [vector] = FakeEncoder("", local_files_only=True, device="cpu").encode([text], show_progress_bar=False)
    return vector / np.linalg.norm(vector)
