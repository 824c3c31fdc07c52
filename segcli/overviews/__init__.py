"""The 14 overviews: one module per question that reads the database and changes nothing."""

from pathlib import Path

from segcli.interface.registry import Registry

_REGISTRY = Registry(__name__, Path(__file__).parent)
names, line, module, declared = _REGISTRY.names, _REGISTRY.line, _REGISTRY.module, _REGISTRY.declared
