"""Train ``bot/understanding/weights.txt`` from the example sentences in ``corpus/chat``.

    make understanding

A linear support vector machine per intent (scikit-learn, needed only here) over the features of
``bot.understanding.tokens``. The file contains a fingerprint of the corpus. A test compares it, so
that the weights always belong to the present sentences. At the end the kept half is measured.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from zlib import crc32

from bot.understanding import corpus
from bot.understanding.measured import measured
from bot.understanding.tokens import features
from bot.understanding.weights import RARITY_STEP, STEP, ZERO, Weights, weights
from kernel.words import folded

SOFTNESS = 2.0
"""The penalty for a misclassified sentence (scikit-learn's ``C``), chosen on the tuned half."""
SEEN_BY = 3
"""The number of sentences that a feature must be in to count."""
LEAST = 0.5
"""Weights nearer to zero are left out, which makes the file smaller and changes no result."""


def main(arguments: Sequence[str]) -> int:
    """Train on the tuned half, write the file, and measure; ``--show`` prints weights instead."""
    if arguments[:1] == ["--show"]:
        for feature in arguments[1:]:
            sys.stdout.write(f"{feature}: {_shown(' '.join(feature))}\n")
        return 0
    sentences, intents = corpus.tuned()
    trained(sentences, intents).write()
    weights.cache_clear()
    sys.stderr.write(f"{len(sentences)} sentences, {len(weights().keys)} features\n")
    sys.stderr.write(f"kept half: {measured(*corpus.kept())}\n")
    return 0


def trained(sentences: list[str], intents: list[str]) -> Weights:
    """The weights of these sentences."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
    from sklearn.svm import LinearSVC

    cut = [features(folded(sentence)) for sentence in sentences]
    seen = Counter(feature for each in cut for feature in set(each))
    kept = [feature for feature, count in seen.items() if count >= SEEN_BY]
    kept.sort(key=lambda feature: crc32(feature.encode()))
    counter = CountVectorizer(analyzer=lambda each: each, binary=True, vocabulary=kept)
    rarity = TfidfTransformer()
    table = rarity.fit_transform(counter.transform(cut))
    model = LinearSVC(C=SOFTNESS, random_state=0).fit(table, intents)
    return Weights(
        corpus.fingerprint(),
        tuple(model.classes_),
        tuple(round(float(each), 3) for each in model.intercept_),
        array("I", [crc32(feature.encode()) for feature in kept]),
        bytes(min(255, round(float(each) * RARITY_STEP)) for each in rarity.idf_),
        b"".join(_row(model.coef_[:, n] * rarity.idf_[n]) for n in range(len(kept))),
    )


def _row(weighed: Iterable[float]) -> bytes:
    """The weights of one feature as bytes; small ones become zero."""
    steps = (round(each * STEP) if abs(each) >= LEAST else 0 for each in weighed)
    return bytes(ZERO + max(-ZERO, min(255 - ZERO, each)) for each in steps)


def _shown(feature: str) -> str:
    known = weights()
    found = {i: dict(known.speaking_for(i, [feature])).get(feature) for i in known.intents}
    strongest = sorted(((w, i) for i, w in found.items() if w), reverse=True)[:6]
    return ", ".join(f"{intent} {weight:+.2f}" for weight, intent in strongest) or "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
