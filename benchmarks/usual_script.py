"""The whole job as it is commonly written: NLTK, gensim, scikit-learn and pandas, a review at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from gensim.corpora import Dictionary
from gensim.models import LdaModel, Word2Vec
from nltk.sentiment.vader import SentimentIntensityAnalyzer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from benchmarks import nltk_offline
from benchmarks.processes import timed

BEST = 10
PASSES = 2  # of LDA over all reviews: about what is common, and duckmark's takes five


def whole_job(path: Path, epochs: int, topics: int) -> dict[str, float]:
    """Seconds of each step."""
    seconds: dict[str, float] = {}
    analyzer = nltk_offline.vader()
    with timed(seconds, "read"):
        reviews = pd.read_csv(path).rename(columns={"reviewerID": "user", "asin": "product", "overall": "rating"})
        texts = reviews["reviewText"].fillna("").tolist()
    with timed(seconds, "tokenize"):
        reviews["tokens"] = tokens = tokenize(texts)
    with timed(seconds, "word vectors, CBOW"):
        word_vectors(tokens, epochs, sg=0)
    with timed(seconds, "word vectors"):
        words = word_vectors(tokens, epochs, sg=1)
    with timed(seconds, "profiles"):
        idf = inverse_document_frequency(tokens)
        users, products = (profiles(reviews, who, words, idf) for who in ("user", "product"))
    seen = reviews.groupby("user")["product"].agg(set).to_dict()
    with timed(seconds, "content"):
        content(users, products, seen)
    with timed(seconds, "collaborative"):
        collaborative(reviews, seen)
    with timed(seconds, "sentiment"):
        sentiment(texts, analyzer)
    with timed(seconds, "topics"):
        review_topics(tokens, topics)
    return seconds


def tokenize(texts: Iterable[str]) -> list[list[str]]:
    """Lower-cased words without stop words."""
    stopped, words = nltk_offline.stop_words(), nltk_offline.word_tokenizer()
    return [[word for word in words(text.lower()) if word.isalnum() and word not in stopped] for text in texts]


def word_vectors(tokens: Sequence[Sequence[str]], epochs: int, sg: int) -> dict[str, np.ndarray]:
    """64 dimensions by gensim's three workers: continuous bag of words, its default, or skip-gram."""
    model = Word2Vec(tokens, vector_size=64, min_count=2, epochs=epochs, sg=sg, seed=42)
    return {word: model.wv[word] for word in model.wv.index_to_key}


def inverse_document_frequency(tokens: Sequence[Sequence[str]]) -> dict[str, float]:
    vectorizer = TfidfVectorizer(analyzer=lambda words: words).fit(tokens)
    return dict(zip(vectorizer.get_feature_names_out(), vectorizer.idf_, strict=True))


def profiles(
    reviews: pd.DataFrame, who: str, words: dict[str, np.ndarray], idf: dict[str, float]
) -> dict[str, np.ndarray]:
    """Of each user or product the mean of the vectors of the words in their reviews, by TF-IDF."""
    found = {}
    for name, lists in reviews.groupby(who)["tokens"]:
        counts = Counter(word for tokens in lists for word in tokens if word in words)
        if counts:
            vector = np.average([words[w] for w in counts], axis=0, weights=[n * idf[w] for w, n in counts.items()])
            found[name] = vector / np.linalg.norm(vector)
    return found


def content(
    users: dict[str, np.ndarray], products: dict[str, np.ndarray], seen: dict[str, set[str]]
) -> dict[str, list[tuple[str, float]]]:
    """The products whose profiles are most like each user's, but for those seen."""
    scores = cosine_similarity(np.array(list(users.values())), np.array(list(products.values())))
    return best(scores, list(users), list(products), seen)


def collaborative(reviews: pd.DataFrame, seen: dict[str, set[str]]) -> dict[str, list[tuple[str, float]]]:
    """The products that users of like ratings rated best: the mean of their ratings by similarity."""
    ratings = reviews.pivot_table(index="user", columns="product", values="rating", fill_value=0.0)
    similar = cosine_similarity(ratings.to_numpy())
    np.fill_diagonal(similar, 0)
    scores = similar @ ratings.to_numpy() / np.maximum(similar.sum(axis=1, keepdims=True), 1e-12)
    return best(scores, list(ratings.index), list(ratings.columns), seen)


def best(
    scores: np.ndarray, users: list[str], products: list[str], seen: dict[str, set[str]]
) -> dict[str, list[tuple[str, float]]]:
    """The ten best of each row that its user has not seen."""
    found = {}
    for user, row in zip(users, scores, strict=True):
        ranked = ((products[place], float(row[place])) for place in np.argsort(-row, kind="stable"))
        fresh = (pair for pair in ranked if pair[0] not in seen[user])
        found[user] = [pair for pair, _ in zip(fresh, range(BEST), strict=False)]
    return found


def sentiment(texts: Iterable[str], analyzer: SentimentIntensityAnalyzer) -> list[float]:
    return [analyzer.polarity_scores(text)["compound"] for text in texts]


def review_topics(tokens: Sequence[Sequence[str]], number: int) -> list[int]:
    """The main topic of each review by latent Dirichlet allocation."""
    dictionary = Dictionary(tokens)
    dictionary.filter_extremes(no_below=20, no_above=0.5)
    bags = [dictionary.doc2bow(words) for words in tokens]
    model = LdaModel(bags, num_topics=number, id2word=dictionary, passes=PASSES, random_state=42)
    return [max(model[bag], key=lambda pair: pair[1])[0] for bag in bags]
