"""Files of plain YAML, and what has to be in them."""

from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from mmwsol.io.text import is_number, read_text

Schema = TypeVar('Schema', bound=BaseModel)
Text = Annotated[str, Field(max_length=1000)]
"""As long as names and paths may be."""


def _finite(value: float) -> float:
    if not is_number(value):
        raise ValueError('a finite number is needed')
    return value


Number = Annotated[float, AfterValidator(_finite)]


class Strict(BaseModel):
    """Values have the type that is asked for; none is made of another."""

    model_config = ConfigDict(strict=True)


class _PlainLoader(yaml.SafeLoader):
    """Without names for parts of the file, which may contain each other ever again."""

    def compose_node(self, parent: yaml.Node, index: int) -> yaml.Node:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError('an alias (*name)')
        return super().compose_node(parent, index)


def read_yaml(file: Path) -> dict:
    """The mapping that a file holds.

    Raises:
        ValueError: It holds something else, or a value that code would have to make.
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


def validated(content: object, schema: type[Schema], file: Path) -> Schema:
    """The content of a file as its schema has it.

    Raises:
        ValueError: It is otherwise; the message names the file, the key and the value.
    """
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = '.'.join(map(str, first['loc']))
        raise ValueError(
            f'Expected `{key}` of {file} to fit: {first["msg"].lower()}, but got '
            f'{repr(first["input"])[:80]}.'
        ) from None
