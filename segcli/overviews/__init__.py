"""One file per overview: columns, parameters and the SQL of a question. Overviews never write."""

from pathlib import Path

from segcli.interface.registry import Registry

_REGISTRY = Registry(__name__, Path(__file__).parent)
names, line, module, declared = _REGISTRY.names, _REGISTRY.line, _REGISTRY.module, _REGISTRY.declared
