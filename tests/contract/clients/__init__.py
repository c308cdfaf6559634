"""Independent WeChat clients that the contract tests drive against the simulator.

The clients are written by other people, independently of each other. If a client and the simulator
disagree, one of them is wrong about WeChat. Tests import the Python clients. The Node clients are
listed in ``package.json``, installed by ``make clients``, and driven by ``node.py``.
"""
