"""A local WeChat: official account, OAuth, JS-SDK and Pay v3, for demos and tests.

It imports nothing of the shop, so that it is a second opinion on the protocols.
"""
