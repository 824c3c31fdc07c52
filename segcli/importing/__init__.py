"""From files to records: read formats, recognise record kinds, stage, check, and upsert in one transaction per file."""
