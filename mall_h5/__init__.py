"""The mobile mall inside WeChat: the pages of shoppers and distributors."""

from mall_h5.app import make_legal_app, make_mall_app
from mall_h5.deps import MallDeps

__all__ = ["MallDeps", "make_legal_app", "make_mall_app"]
