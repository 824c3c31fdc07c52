"""The parts of a command line as data: commands, parameters, the session, prompts, progress and warnings."""
