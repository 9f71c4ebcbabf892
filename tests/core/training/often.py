"""The command `trivium` with a checkpoint after every step, so that a test can kill it: `python -m … train …`."""

from core.cli import main
from core.training import loop

if __name__ == "__main__":
    loop.CHECKPOINT_EVERY_S = 0.0
    main()
