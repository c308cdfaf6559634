"""What a sentence asks for: intent, slots and the reason, worked out without database or network.

``tokens`` cuts a sentence into features, ``weights`` scores them (trained by
``scripts/train_chat.py`` from ``corpus/chat``), ``slots`` reads prices, counts and names beside
the intent, ``matcher`` decides. ``docs/algorithms/understanding.md`` has the rules in prose.
"""
