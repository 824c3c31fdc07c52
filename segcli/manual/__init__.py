"""The manual: topics, man pages and the reference, made from what commands say of themselves. Nothing is written twice."""
