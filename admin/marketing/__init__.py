"""营销: promotions, push campaigns, message templates, advertising review, evidence."""
