"""A local simulation of WeChat for demos and tests: official account, OAuth, JS-SDK and Pay v3.

It imports nothing from the shop, so that an error in the shop's reading of a protocol is found and
not repeated.

- `account`: the official account's API host, its pushes to the shop, its console
- `open`: sign-in (/connect, /sns) and the JS-SDK's ticket
- `pay`: Pay v3 and the merchant's book
- `people`: who the people are, and what they do on their phones
- `control`: `/_sim/…`, by which tests and pages control the simulation (API.md)
- `web`: the desk with the phones, and their webview
- files beside the folders: shared parts (the world, the clock, faults, errors, keys)
"""
