"""Independent WeChat clients that the contract tests drive against the simulator.

Nobody here wrote them and they don't know of each other: where the simulator and one of them
disagree, one of the two is wrong about WeChat. The Python ones are imported by the tests; the Node
ones stand in ``package.json`` (``make clients`` installs them) and are driven through ``node.py``.
"""
