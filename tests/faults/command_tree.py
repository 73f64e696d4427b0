"""The commands of the program, from its own tree: what one test knows of, all of them know of."""

import click

from casework.cli import casework


def commands(group=casework, path=()):
    """Yield the words and the command of everything that can be run, in the order of the help."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name), found
