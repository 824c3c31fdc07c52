"""Shared by actions: the job, how it is carried out, and the folder of printed documents."""
