"""VADER's word lists and constants (Hutto & Gilbert 2014), those of NLTK's ``VaderConstants``."""

from __future__ import annotations


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# What a booster adds to the next word's valence, and what capitals add.
BOOST = 0.293
CAPITALS_INCREASE = 0.733
# What a negation multiplies a valence by.
NEGATION = -0.74

BOOSTERS = _words(
    """absolutely amazingly awfully completely considerably decidedly deeply effing enormously entirely
    especially exceptionally extremely fabulously flipping flippin fricking frickin frigging friggin fully
    fucking greatly hella highly hugely incredibly intensely majorly more most particularly purely quite
    really remarkably so substantially thoroughly totally tremendously uber unbelievably unusually utterly
    very"""
)
DAMPENERS = _words(
    """almost barely hardly kinda kindof kind-of less little marginally occasionally partly scarcely
    slightly somewhat sorta sortof sort-of"""
)
DAMPENING_PAIRS = ("just enough", "kind of", "sort of")
NEGATIONS = _words(
    """aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't didn't doesn't
    dont hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't haven't isn't mightn't mustn't
    neednt needn't never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent oughtn't
    shan't shouldn't uh-uh wasn't weren't without wont wouldnt won't wouldn't rarely seldom despite"""
)
IDIOMS = {
    "the shit": 3.0,
    "the bomb": 3.0,
    "bad ass": 1.5,
    "yeah right": -2.0,
    "cut the mustard": 2.0,
    "kiss of death": -1.5,
    "hand to mouth": -2.0,
}
