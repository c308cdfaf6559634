"""A whole shop beside a whole simulated WeChat, for tests that play people."""
