"""The option ``--cfg-options`` of all tools: settings of a config, changed from outside."""

import argparse
import ast
import copy
from collections.abc import Sequence
from typing import Any

from mmengine.config import Config, ConfigDict, DictAction

from mmwsol.config_keys import key_problem, place_problem

FORM = 'KEY=VALUE, such as train_cfg.max_epochs=10'


class ConfigOptions(argparse.Action):
    """Reads words ``KEY=VALUE`` into a dictionary.

    Differences from mmengine's ``DictAction``: dictionaries are values too, as Python writes
    them, and take the place of what was there; spaces within a value stay; and what cannot
    be read ends in a sentence.
    """

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        options = dict(getattr(namespace, self.dest, None) or {})
        for word in values or ():
            key, sign, text = word.partition('=')
            if not (key and sign):
                parser.error(
                    f'Expected {FORM}, for {option_string}, but got {word!r}; there is no '
                    'space around the sign, and other arguments go before the option.'
                )
            try:
                options[key] = parse_value(text)
            except ValueError as error:
                parser.error(
                    f'Expected a value of `{key}` that can be read, but {error}'
                )
        setattr(namespace, self.dest, options)


def add_config_options(
    parser: argparse.ArgumentParser, what: str = 'settings to override'
) -> None:
    """Adds the option to a command line.

    Args:
        parser: The command line.
        what: What the option is for.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=ConfigOptions,
        metavar='KEY=VALUE',
        help=f'{what}, such as train_cfg.max_epochs=10 or '
        'test_evaluator="[dict(type=\'MaxBoxAccV2\')]"',
    )


def parse_value(text: str) -> Any:
    """A value as a command line gives it.

    Raises:
        ValueError: It is neither a word, a number nor a proper list or dictionary.

    >>> parse_value('0.1'), parse_value('a b'), parse_value('8,9'), parse_value('[a,(b,1)]')
    (0.1, 'a b', [8, 9], ['a', ('b', 1)])
    >>> parse_value("[dict(type='Accuracy', topk=(1,))]")
    [{'type': 'Accuracy', 'topk': (1,)}]
    """
    text = text.strip()
    nested = '{' in text or 'dict(' in text
    if nested or "'" in text or '"' in text:
        try:
            value = _literal(ast.parse(text, mode='eval').body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            if nested:
                raise ValueError(
                    f"got {text!r}; write dictionaries as Python does, dict(type='A', b=1), "
                    'with quotation marks around the whole word for the shell.'
                ) from None
        else:
            if not isinstance(value, str) or {*', '} & {*value}:
                return value
    if ',' not in text and not text.startswith(('(', '[')):
        return DictAction._parse_int_float_bool(text.strip('\'"'))
    try:
        return DictAction._parse_iterable(text)
    except (AssertionError, RecursionError):
        raise ValueError(
            f'got {text!r}, whose brackets do not match or do not enclose it.'
        ) from None


def _literal(node: ast.AST) -> Any:
    """As :func:`ast.literal_eval`, with ``dict(a=1)``, and bare words as strings."""
    match node:
        case ast.Call(func=ast.Name(id='dict'), args=[]):
            return {str(word.arg): _literal(word.value) for word in node.keywords}
        case ast.Dict():
            values = map(_literal, node.values)
            return dict(zip([_literal(k) for k in node.keys if k], values))
        case ast.List():
            return [_literal(item) for item in node.elts]
        case ast.Tuple():
            return tuple(_literal(item) for item in node.elts)
        case ast.Name():
            return {'true': True, 'false': False}.get(node.id, node.id)
        case _:
            return ast.literal_eval(node)


def apply_options(config: Config, options: dict[str, Any] | None) -> list[str]:
    """Changes settings of a config; refuses those that it does not have.

    Args:
        config: The config, which is changed.
        options: The settings, by their dotted keys.

    Returns:
        ``key=value`` for each that says something other than the config did.

    Raises:
        ValueError: Neither the config nor the class that a setting is for knows its key.
    """
    options = options or {}
    before = copy.deepcopy(config)
    problems = [place_problem(before, key, options) for key in options]
    if not any(problems):
        whole = {key: value for key, value in options.items() if _has_dict(value)}
        config.merge_from_dict({k: v for k, v in options.items() if k not in whole})
        for key, value in whole.items():
            _put(config, key.split('.'), ConfigDict(value=value)['value'])
        problems = [key_problem(before, config, key) for key in options]
    if any(problems):
        raise ValueError('\n'.join(filter(None, problems)))
    return [f'{k}={v}' for k, v in options.items() if _differs(before, k, v)]


def _has_dict(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_has_dict, value))
    return isinstance(value, dict)


def _put(config: Config, parts: list[str], value: Any) -> None:
    node: Any = config
    for part in parts[:-1]:
        if isinstance(node, list):
            node = node[int(part)]
            continue
        if part not in node:
            node[part] = ConfigDict()
        node = node[part]
    node[int(parts[-1]) if isinstance(node, list) else parts[-1]] = value


def _differs(config: Config, key: str, value: Any) -> bool:
    node: Any = config
    for part in key.split('.'):
        if isinstance(node, list):
            node = node[int(part)]
        elif part in node:
            node = node[part]
        else:
            return True
    return Config(dict(a=node)).to_dict() != Config(dict(a=value)).to_dict()
