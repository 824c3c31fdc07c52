"""The configuration, the administration's own data, and the wording of printed documents by language."""
