"""One file per action of `segcli run`, with its preview. What they store and print is in the folders beside them."""

from pathlib import Path

from segcli.interface.registry import Registry

_REGISTRY = Registry(__name__, Path(__file__).parent)
names, line, module, declared = _REGISTRY.names, _REGISTRY.line, _REGISTRY.module, _REGISTRY.declared
