"""The models trained in Python, each a step of the pipeline."""

from __future__ import annotations

from duckmark.models import (
    factors,
    item_weights,
    languages,
    neighbours,
    ratings,
    recommendations,
    sentiment,
    term_groups,
    text_vectors,
    topics,
    word_forms,
    word_vectors,
)
from duckmark.steps import Model

MODELS: dict[str, Model] = {
    model.name: model
    for module in (
        languages,
        word_forms,
        word_vectors,
        text_vectors,
        neighbours,
        item_weights,
        factors,
        recommendations,
        ratings,
        sentiment,
        term_groups,
        topics,
    )
    for model in module.MODELS
}
