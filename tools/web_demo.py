"""A page on this machine: drop a picture, see its class, map and boxes.

python tools/web_demo.py configs/pnsc/resnet50_cub.py epoch_100.pth

and open the address that is printed. Needs `pip install -e '.[web]'`. Nothing leaves the
machine; other machines reach the page only with --host 0.0.0.0, and whoever reaches it may
use it: there is no password. What a visitor may send is limited by --max-size and --max-pixels.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

from mmwsol.apis import LocInferencer
from mmwsol.apis.boxes_of_map import BOXES, boxes_of_map
from mmwsol.apis.command_line import add_model_arguments, load_inferencer
from mmwsol.command import explained, run_tool
from mmwsol.io.images import decode
from mmwsol.io.names import printable
from mmwsol.models.need_maps import need_maps
from mmwsol.visualization import draw_prediction

try:
    import gradio
except ImportError:
    sys.exit("Expected gradio; install it with: pip install 'mmwsol[web]'")

# small pictures are enlarged while the shorter and the longer side stay below these
SHOWN, LONGEST = 320, 1280
MAX_SIZE, MAX_PIXELS = 20, 25_000_000
HEADERS = ['x0', 'y0', 'x1', 'y1', 'mean of the map']


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_model_arguments(parser)
    parser.add_argument('--host', default='127.0.0.1', help='who may open the page')
    parser.add_argument('--port', type=int, default=7860)
    parser.add_argument(
        '--max-size', type=int, default=MAX_SIZE, help='the largest upload, in MB'
    )
    parser.add_argument(
        '--max-pixels',
        type=int,
        default=MAX_PIXELS,
        help='the most pixels of a picture',
    )
    parser.add_argument('--examples', nargs='+', help='images to click on')
    return parser.parse_args(argv)


class Page:
    """What the page computes; images go out as RGB.

    A visitor is told what is wrong with a file, without its path. Of any other error gradio
    says only that there was one.

    Args:
        inferencer: Looks at each picture once; its map answers the rest.
        most_pixels: The most pixels that a picture may have.
    """

    def __init__(
        self, inferencer: LocInferencer, most_pixels: int = MAX_PIXELS
    ) -> None:
        self.inferencer = inferencer
        self.most_pixels = most_pixels

    def look(self, file: str | None) -> tuple[dict | None, dict | None]:
        """Looks at a picture: what the page keeps of it, and its best five classes."""
        if file is None:
            return None, None
        content = Path(file).read_bytes()
        image, problem = decode(content, 'color', most_pixels=self.most_pixels)
        if problem:
            raise gradio.Error(f'This file {problem}.', print_exception=False)
        (result,) = self.inferencer(image)
        names = self.inferencer.classes or range(len(result['pred_scores']))
        best = np.argsort(-result['pred_scores'])[:5]
        scores = {printable(names[k]): float(result['pred_scores'][k]) for k in best}
        kept = dict(
            image=image[..., ::-1],
            map=result['pred_map'],
            activity=result['activity'],
            otsu=result['threshold'],
        )
        return kept, scores

    def draw(
        self, kept: dict | None, automatic: bool, threshold: float, boxes: str
    ) -> tuple[np.ndarray | None, list[list[float]], str]:
        """The picture under its map with boxes, their numbers, and the threshold."""
        if kept is None:
            return None, [], ''
        used = kept['otsu'] if automatic else threshold
        size = kept['image'].shape[:2]
        found = boxes_of_map(
            *(kept['map'], used, size, boxes), smallest=0.01, activity=kept['activity']
        )
        # small pictures are enlarged
        times = max(1, min(SHOWN // min(size), LONGEST // max(size)))
        wide = dict(dsize=None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
        score_map = cv2.resize(kept['map'], **wide).clip(0, 1)
        image = cv2.resize(kept['image'][..., ::-1], **wide)
        picture = draw_prediction(image, score_map, found.boxes * times)
        rows = [
            [*(round(float(v), 1) for v in box), round(float(score), 3)]
            for box, score in zip(found.boxes, found.map_scores)
        ]
        return picture[..., ::-1], rows, f'threshold {used:.2f}, {len(rows)} box(es)'

    def choose(self, kept: dict | None, automatic: bool) -> dict:
        """The slider: hidden beside Otsu's threshold, else there, and beginning with it."""
        if automatic or kept is None:
            return gradio.update(visible=not automatic)
        return gradio.update(visible=True, value=min(round(kept['otsu'], 2), 0.99))

    def blocks(self, title: str, examples: list[str] | None = None) -> gradio.Blocks:
        """The page itself."""
        with gradio.Blocks(title=title, analytics_enabled=False) as blocks:
            gradio.Markdown(f'## {title}\nDrop a picture: its class, map and boxes.')
            kept = gradio.State()
            with gradio.Row():
                with gradio.Column():
                    image = gradio.Image(
                        label='picture',
                        type='filepath',  # as it was sent: the page decodes it
                        image_mode=None,
                        height=360,
                        buttons=[],
                    )
                    automatic = gradio.Checkbox(True, label="Otsu's threshold")
                    # only where it says something
                    threshold = gradio.Slider(
                        *(0, 0.99, 0.5),
                        step=0.01,
                        label='your own threshold',
                        visible=False,
                    )
                    boxes = gradio.Radio(list(BOXES), value='largest', label='boxes')
                    if examples:
                        gradio.Examples(examples, image, cache_examples=False)
                with gradio.Column():
                    picture = gradio.Image(
                        label='map and boxes',
                        height=360,
                        buttons=['download', 'fullscreen'],
                    )
                    said = gradio.Markdown()
                    scores = gradio.Label(label='class')
                    table = gradio.Dataframe(headers=HEADERS, label='boxes, pixels')
            settings = [kept, automatic, threshold, boxes]
            shown = [picture, table, said]
            image.change(self.look, image, [kept, scores]).then(
                self.draw, settings, shown
            )
            automatic.input(self.choose, [kept, automatic], threshold).then(
                self.draw, settings, shown
            )
            gradio.on(
                [threshold.input, boxes.input],
                *(self.draw, settings, shown),
                trigger_mode='always_last',  # of a slider that is drawn along
            )
        return blocks


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with explained():
        inferencer = load_inferencer(args)
        need_maps(type(inferencer.model.head), 'this page, whose slider is a threshold')
    config = Path(args.config)
    title = printable(f'mmwsol: {config.parent.name}/{config.stem}')
    blocks = Page(inferencer, args.max_pixels).blocks(title, args.examples)
    blocks.launch(
        server_name=args.host,
        server_port=args.port,
        share=False,
        show_error=False,
        max_file_size=f'{args.max_size}mb',
    )


if __name__ == '__main__':
    run_tool(main)
