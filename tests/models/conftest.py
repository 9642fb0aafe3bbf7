"""What tests of several models need."""

import sys
from types import ModuleType

import pytest

from tests.models.fake_encoder import FakeEncoder


@pytest.fixture
def fake(monkeypatch):
    """sentence-transformers, as far as duckmark knows it, with an encoder that needs no model."""
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = FakeEncoder
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
