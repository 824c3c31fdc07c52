"""Run the process: parse the command line, run one command, turn errors into messages and exit statuses.

Upper rooms that lower ones call without importing them are registered in wiring.py. It may import everything.
"""
