"""A tokenizer of one's own: byte-level pairs, so that every text can be written. Learns nothing else."""

from collections.abc import Sequence
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from core.generation.template import DEFAULT_TEMPLATE

END = "<|endoftext|>"  # GPT-2's name for what stands between texts; here also between turns
FEWEST = 257  # every byte and END


def train_byte_pairs(texts: Sequence[str], words: int, most: int) -> Any:
    """Sennrich et al., 2016, "Neural Machine Translation of Rare Words with Subword Units", on bytes as in GPT-2.

    words: that it knows at most, fewer where no pair of few texts occurs twice;  most: tokens that its model reads
    returns: a tokenizer of transformers, with a chat template
    """
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=max(words, FEWEST),
        min_frequency=2,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    learned.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=learned,
        bos_token=END,
        eos_token=END,
        pad_token=END,
        model_max_length=most,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = DEFAULT_TEMPLATE
    return tokenizer
