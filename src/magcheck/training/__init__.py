"""The heavy wing: fitting, measuring and describing a model. The answering path never enters it."""
