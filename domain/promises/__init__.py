"""What the shop promises to buyers (服务承诺): hours, days, freight, and the words of its front."""

from domain.promises.queries import Promises, cached, current

__all__ = ["Promises", "cached", "current"]
