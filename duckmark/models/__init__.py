"""The models trained in Python, each a step of the pipeline."""

from __future__ import annotations

from duckmark.models import factors, item_weights, neighbours, ratings, recommendations, sentiment, topics, word_vectors
from duckmark.steps import Model

MODELS: dict[str, Model] = {
    model.name: model
    for module in (word_vectors, neighbours, item_weights, factors, recommendations, ratings, sentiment, topics)
    for model in module.MODELS
}
