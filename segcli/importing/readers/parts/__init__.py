"""Code shared by several readers: XML, JSON and spooling, and the mappings of each format's records to fields."""
