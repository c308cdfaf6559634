"""Pictures: uploads taken in, referral posters drawn, both kept in files."""
