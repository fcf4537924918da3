"""Trains a config: ``python tools/train.py configs/pnsc/resnet50_cub.py``."""

from mmengine.runner import Runner

from mmwsol.command import run_tool
from mmwsol.engine.launch import training_config, working_alone


def main(argv: list[str] | None = None) -> None:
    config = training_config(argv)
    with working_alone(config):
        Runner.from_cfg(config).train()


if __name__ == '__main__':
    run_tool(main)
