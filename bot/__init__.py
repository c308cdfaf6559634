"""The chat face: receives WeChat's pushes, routes each to one handler, and signs people in."""

from bot.deps import BotDeps
from bot.notices import ChatNotices
from bot.webhook import add_webhook

__all__ = ["BotDeps", "ChatNotices", "add_webhook"]
