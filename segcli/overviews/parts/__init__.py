"""What several overviews share."""
