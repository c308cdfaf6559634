"""设置: rules of the shop, the account's menu and answers, staff, logs, files, jobs."""
