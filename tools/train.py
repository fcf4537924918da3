"""Trains a config: ``python tools/train.py configs/pnsc/resnet50_cub.py``."""

from mmwsol.command import run_tool
from mmwsol.engine.launch import build_runner, training_config, working_alone


def main(argv: list[str] | None = None) -> None:
    config = training_config(argv)
    with working_alone(config):
        build_runner(config).train()


if __name__ == '__main__':
    run_tool(main)
