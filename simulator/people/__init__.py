"""The people and their phones: who they are, and what they do towards the account."""
