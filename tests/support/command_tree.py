"""The commands and groups of segcli as a tree."""

from collections.abc import Iterator

from segcli import commands
from segcli.interface.command import Command, Group


def leaves(node: Command | Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Command]]:
    """Yield every command with its words."""
    if isinstance(node, Command):
        yield " ".join(path), node
        for name, command in node.under.items():
            yield from leaves(command, (*path, name))
        return
    for name in node.names():
        found = node.find(name)
        assert found is not None
        yield from leaves(found, (*path, name))


COMMANDS = dict(leaves(commands.root()))


def groups(node: Group, path: str = "segcli") -> Iterator[tuple[str, Group]]:
    """Yield the group and all groups under it, with the words that lead to them."""
    yield path, node
    for name in node.names():
        found = node.find(name)
        if isinstance(found, Group):
            yield from groups(found, f"{path} {name}")
