"""Measured rows as tables in Markdown."""

from collections.abc import Sequence

COLUMNS = (
    'config',
    'images a second (quartiles)',
    'time',
    'GFLOP an image',
    'FLOPs',
    'time / FLOPs',
    'of the matmul peak',
    'memory, MB',
)


def table(rows: Sequence[dict], mode: str) -> str:
    """Of `'train'` or `'test'`; time and FLOPs are ratios to the first row's."""
    lines = [COLUMNS, ['---'] * len(COLUMNS)]
    for row in rows:
        own = row[mode]
        low, middle, high = own['images_per_second']
        lines.append(
            [
                row['config'],
                f'{middle:.3g} ({low:.3g}-{high:.3g})',
                f'{own["time_ratio"]:.2f}',
                f'{own["flops"] / 1e9:.3g}',
                f'{own["flops_ratio"]:.2f}',
                f'{own["time_over_flops"]:.2f}',
                f'{own["peak_share"]:.0%} of {own["peak_flops"] / 1e9:.3g} GFLOP/s',
                '-' if own['memory'] is None else f'{own["memory"] / 1e6:.0f}',
            ]
        )
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)
