"""Every business rule, one package per domain. The only code that uses the tables."""
