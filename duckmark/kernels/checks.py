"""What a matrix of preferences must be for a method to take it."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def require_finite(preferences: sparse.csr_array) -> None:
    """Raise ValueError where a preference is NaN or infinite: one such value would spread to every score."""
    wrong = np.count_nonzero(~np.isfinite(preferences.data))
    if wrong:
        raise ValueError(f"{wrong} preferences are NaN or infinite: leave them out")


def require_not_negative(preferences: sparse.csr_array) -> None:
    """Raise ValueError where a preference is negative, NaN or infinite."""
    require_finite(preferences)
    wrong = np.count_nonzero(preferences.data < 0)
    if wrong:
        raise ValueError(f"{wrong} preferences are negative: leave dislikes out, this method has no use for them")
