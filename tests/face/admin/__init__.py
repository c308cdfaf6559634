"""Faces through aiohttp's client."""
