"""What the data say of segments: profiles, short rules that describe them, cohorts, clusters, baskets, campaigns."""
