"""Documents with planted families of duplicates."""

import random
from typing import Any

WORDS = [f"{first}{second}" for first in ("ka", "lo", "mi", "ne", "ru", "sy", "ta") for second in "bdfglmnprstvz"]


def corpus(seed: int, n: int) -> list[dict[str, Any]]:
    """Documents with planted families: edited copies of copies, exact copies, other case, short, empty."""
    rng = random.Random(seed)
    texts: list[str] = []
    for _ in range(n):
        kind = rng.random()
        if texts and kind < 0.35:
            words = rng.choice(texts).split()
            for _ in range(rng.choice((1, 1, 2, 4))):
                if words:
                    words[rng.randrange(len(words))] = rng.choice(WORDS)
            texts.append(" ".join(words))
        elif texts and kind < 0.5:
            text = rng.choice(texts)
            texts.append(rng.choice((text, text.upper(), f"  {text}.")))
        elif kind < 0.6:
            texts.append(" ".join(rng.choices(WORDS[:3], k=rng.randrange(4))))
        else:
            texts.append(" ".join(rng.choices(WORDS, k=rng.randrange(20, 70))))
    return [{"id": f"d{k}", "text": text, "score": rng.randrange(4)} for k, text in enumerate(texts)]
