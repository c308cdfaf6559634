"""What the web faces share: sessions, CSRF, forms, paging, rendering, limits, errors as pages."""
