"""Trains a config: ``python tools/train.py configs/pnsc/resnet50_cub.py``."""

from mmengine.runner import Runner

from mmwsol.command import run_tool
from mmwsol.engine.launch import training_config


def main(argv: list[str] | None = None) -> None:
    Runner.from_cfg(training_config(argv)).train()


if __name__ == '__main__':
    run_tool(main)
