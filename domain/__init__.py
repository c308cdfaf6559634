"""The business rules, one package for each domain. Only this code uses the tables."""
