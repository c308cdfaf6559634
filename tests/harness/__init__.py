"""A complete shop and a complete simulated WeChat, for tests that act as people."""
