"""The chat face: WeChat's pushes in, routed to one file per conversation; sign-in by WeChat."""

from bot.deps import BotDeps
from bot.notices import ChatNotices
from bot.webhook import add_webhook

__all__ = ["BotDeps", "ChatNotices", "add_webhook"]
