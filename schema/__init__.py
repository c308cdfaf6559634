"""Tables, one file per domain. Import them from ``models`` only."""
