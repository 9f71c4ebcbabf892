"""Open the encoder that the settings name: the one place where weights are opened for serving."""

from pathlib import Path

from core.backend.checkpoint import Checkpoint, open_checkpoint
from core.backend.queue import EncoderQueue, Runtime
from core.errors import Misconfigured
from core.settings import Settings


def open_encoder(settings: Settings, checkpoint: Checkpoint | None = None) -> EncoderQueue:
    """checkpoint: None for the one that the settings name

    raises: Misconfigured when the model or the runtime cannot be opened
    """
    checkpoint = checkpoint or open_checkpoint(settings)
    runtime = _open_runtime(checkpoint, settings)
    return EncoderQueue(
        checkpoint,
        runtime,
        batch_tokens=settings.batch_tokens,
        queue_tokens=settings.queue_tokens,
        cache_texts=settings.cache_texts,
    )


def _open_runtime(checkpoint: Checkpoint, settings: Settings) -> Runtime:
    """`auto` takes a GPU where there is one, else OpenVINO; looking for a GPU does not import torch."""
    if settings.runtime == "torch" or (settings.runtime == "auto" and Path("/dev/nvidiactl").exists()):
        if settings.precision == "int8":
            raise Misconfigured("the torch runtime has no int8", remedy="set TRIVIUM_RUNTIME=openvino")
        from core.backend.torch_runtime import TorchRuntime

        return TorchRuntime(checkpoint, settings)
    from core.backend.openvino_runtime import OpenVinoRuntime

    return OpenVinoRuntime(checkpoint, settings)
