"""A local simulation of WeChat for demos and tests: official account, OAuth, JS-SDK and Pay v3.

It imports nothing from the shop, so that an error in the shop's reading of a protocol is found and
not repeated.
"""
