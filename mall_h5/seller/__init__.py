"""分销: joining, selling, commission, withdrawal."""
