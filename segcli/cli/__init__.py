"""Run the process: parse the command line, run one command, turn errors into messages and exit statuses.

wiring.py registers functions of upper packages that lower ones call. This package may import every other.
"""
