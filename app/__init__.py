"""Starts everything: the command line, configuration, wiring, processes. Sees all the rest."""
