"""A schedule that is shorter than the config's, or longer."""

from mmengine.config import Config

COUNTED_IN_EPOCHS = ('milestones', 'step_size', 'end', 'T_max', 'begin')


def shortened(config: Config, epochs: int) -> dict:
    """Settings for another number of epochs, with the rates' steps at the same share of it.

    >>> from mmengine.config import Config
    >>> config = Config(dict(
    ...     train_cfg=dict(max_epochs=100, val_interval=10),
    ...     param_scheduler=dict(type='MultiStepLR', milestones=[80], gamma=0.1)))
    >>> shortened(config, 5)
    {'train_cfg.max_epochs': 5, 'train_cfg.val_interval': 1, 'param_scheduler.milestones': [4]}
    """
    share = epochs / config.train_cfg.max_epochs

    def scaled(number: int) -> int:
        return max(1, round(number * share)) if number else number

    options = {
        'train_cfg.max_epochs': epochs,
        'train_cfg.val_interval': scaled(config.train_cfg.val_interval),
    }
    schedulers = config.param_scheduler
    several = isinstance(schedulers, (list, tuple))
    for place, scheduler in enumerate(schedulers if several else [schedulers]):
        start = f'param_scheduler.{place}' if several else 'param_scheduler'
        if not scheduler.get('by_epoch', True):
            continue
        for key in COUNTED_IN_EPOCHS:
            if key in scheduler:
                value = scheduler[key]
                many = isinstance(value, (list, tuple))
                options[f'{start}.{key}'] = (
                    [scaled(v) for v in value] if many else scaled(value)
                )
    return options
