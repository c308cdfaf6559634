"""Tests of the mall's pages."""
