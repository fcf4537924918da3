"""What becomes of images that cannot be judged."""

from mmengine.logging import MMLogger

NAMED = 10


class Problems:
    """Names images that cannot be judged, in warnings or in an error.

    Args:
        invalid: `'miss'` warns, up to ten times, `'stop'` raises.
    """

    def __init__(self, invalid: str) -> None:
        if invalid not in ('miss', 'stop'):
            raise ValueError(
                f"Expected `invalid` to be 'miss' or 'stop', but got {invalid!r}."
            )
        self.invalid = invalid
        self.named = 0

    def report(self, sample: dict, problem: str, which: str = '') -> None:
        """Names the image.

        Args:
            sample: With ``img_path``.
            problem: The rest of the sentence that the name begins.
            which: What follows the name, where an image is judged more than once.
        """
        sentence = f'{sample.get("img_path", "An image")}{which} {problem}.'
        if self.invalid == 'stop':
            raise ValueError(sentence)
        self.named += 1
        if self.named <= NAMED:
            rest = ' Others are counted only.' if self.named == NAMED else ''
            MMLogger.get_current_instance().warning(
                f'{sentence} It counts as a miss.{rest}'
            )
