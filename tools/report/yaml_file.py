"""YAML of plain values."""

from pathlib import Path

import yaml

from mmwsol.io.text import read_text


class _PlainLoader(yaml.SafeLoader):
    """Without names for parts of the file, which may contain each other ever again."""

    def compose_node(self, parent: yaml.Node, index: int) -> yaml.Node:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError('an alias (*name)')
        return super().compose_node(parent, index)


def read_yaml(file: Path) -> dict:
    """What a file holds, a mapping.

    Raises:
        ValueError: Something else, or a value that would have to be made by code.
        OSError: It cannot be read.
    """
    text = read_text(file)
    try:
        content = yaml.load(text, _PlainLoader)
    except Exception as error:  # PyYAML's constructors raise whatever a value leads to
        reason = ' '.join(str(error).split())[:200]
        raise ValueError(f'Expected plain YAML in {file}, but got {reason}.') from None
    if not isinstance(content, dict):
        raise ValueError(
            f'Expected a mapping in {file}, but got {type(content).__name__}.'
        )
    return content
