# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A text encoder with random weights, of the form of Flan-T5."""

from __future__ import annotations

from pathlib import Path


def write_tiny_encoder(folder: Path) -> Path:
    """Write a T5 encoder of 16 values that knows two words, and return its folder."""
    from tokenizers import models, pre_tokenizers, Tokenizer
    import transformers

    words = {word: i for i, word in enumerate(['<pad>', '</s>', '<unk>', 'trot', 'bound'])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token='<unk>'))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token='<pad>', eos_token='</s>',
        unk_token='<unk>').save_pretrained(folder)
    config = transformers.T5Config(vocab_size=8, d_model=16, d_ff=32, d_kv=8, num_heads=2,
                                   num_layers=1)
    transformers.T5EncoderModel(config).save_pretrained(folder)
    return folder
