"""Tests of the faces (pages and chat) through aiohttp's client."""
