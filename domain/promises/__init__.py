"""What the shop promises to buyers (服务承诺): hours, days, freight, words of the front page."""

from domain.promises.queries import Promises, cached, current

__all__ = ["Promises", "cached", "current"]
