"""Shared by the web faces: sessions, CSRF, forms, paging, rendering, limits, error pages."""
