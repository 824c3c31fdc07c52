"""Report packs: several overviews with titles, drawn from one snapshot and published together."""
