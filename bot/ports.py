"""What the chat needs from outside, besides the ports of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kernel.chat import Voice


class AssistantPort(Protocol):
    """Chooses among questions."""

    async def choose(self, sentence: str, questions: Mapping[str, str]) -> str | None:
        """The id of the question that a masked sentence asks for, or None. Raises GatewayError."""


class SpeechPort(Protocol):
    """Turns voice messages into words."""

    def words_of(self, voice: Voice) -> str:
        """The words of a voice message; "" if they are not known."""


class WeChatsRecognition:
    """WeChat's own recognition (语音识别), where the account still has it."""

    def words_of(self, voice: Voice) -> str:
        """What WeChat recognised."""
        return voice.recognition
