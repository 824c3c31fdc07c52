"""The parts of the command line: commands, parameters, the session, confirmation, progress and warnings."""
