"""What a command line is made of, as data: commands, parameters, the session, questions, progress and warnings."""
