"""会员: members, their tickets, and the answers of the chat."""
