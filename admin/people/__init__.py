"""会员: members, and what they ask and complain about."""
