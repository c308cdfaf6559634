"""Gateways: everything that talks to other systems or stores files."""
