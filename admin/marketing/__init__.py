"""营销: offers, campaigns of messages, templates."""
