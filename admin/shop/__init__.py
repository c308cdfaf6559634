"""设置: rules of the shop, the account's menu and automatic replies, staff, logs, files, jobs."""
