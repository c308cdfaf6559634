"""Pictures: stores uploads and draws referral posters, both in files."""
